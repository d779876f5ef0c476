/**
 * What the console's page may load: itself, from this server alone. Scripts are files of ours, none inline.
 * The component library writes its theme and a few measured sizes into style elements when it starts; they
 * carry the nonce of this one answer, and no others count.
 */
export function consolePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
