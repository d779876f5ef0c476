/**
 * The content security policy of the console: it may load only from this server. Scripts are files, none inline. The
 * component library writes its theme and a few measured sizes into style elements when it starts; they carry the nonce
 * of this response, and no other inline styles are allowed.
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
