import { hash } from 'node:crypto'

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1b1f24;background:#fff}
code,pre{font-size:.9em}pre{padding:1rem;border-radius:.5rem;background:#f1f3f5;white-space:pre-wrap;overflow-wrap:anywhere}
.text{white-space:pre-wrap;overflow-wrap:anywhere}.error{color:#c92a2a}form{margin:1rem 0}label{display:block;margin:.75rem 0}
button{font:inherit;padding:.5rem 1.25rem;border:0;border-radius:.5rem;background:#c92a2a;color:#fff;cursor:pointer;margin:0 .5rem .5rem 0;text-align:left}
button.go{background:#1864ab}button.plain{background:none;color:inherit;border:1px solid #868e96}
input,textarea,select{font:inherit;box-sizing:border-box;padding:.4rem .6rem;border:1px solid #868e96;border-radius:.4rem;background:none;color:inherit}
input:not([type=checkbox]),textarea,select{display:block;width:100%}
@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#141517}pre{background:#25262b}.error{color:#ff8787}}`

/** No script, nothing from elsewhere, and only this style. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

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
  status = 200,
): { status: number; headers: Record<string, string>; body: string } {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Bellwire: ${title}</title><style>${STYLE}</style>${content}</html>`,
  }
}
