const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1b1f24;background:#fff}
code{font-size:.9em}button{font:inherit;padding:.5rem 1.25rem;border:0;border-radius:.5rem;background:#c92a2a;color:#fff;cursor:pointer}
@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#141517}}`

/**
 * A page that asks before something happens: mail scanners and link previews follow links, and must not change
 * anything. A form in it posts to the very address that the page has, key and query and all.
 *
 * @param title plain text
 * @param content HTML
 */
export function askPage(
  title: string,
  content: string,
): { status: number; headers: Record<string, string>; body: string } {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Bellwire: ${title}</title><style>${STYLE}</style>${content}</html>`,
  }
}
