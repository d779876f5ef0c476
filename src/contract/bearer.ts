/** RFC 6750; the scheme name is case-insensitive. */
const BEARER = /^bearer +(\S+) *$/i

/** The key in `Authorization: Bearer KEY`; undefined when there is none. */
export function bearerKey(headers: { authorization?: string | undefined }): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1]
}
