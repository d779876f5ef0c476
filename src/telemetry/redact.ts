import { redactLinks } from './bearerLinks.ts'

/** Replaces a secret. */
const REDACTED = '***'

/** Names of fields and query parameters whose values are secret, in any case. */
const SECRET_NAMES = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api[_-]?key',
  'admin_?key',
  'secret_?key',
  'key',
  'password',
  'secret',
  'token',
  'access_token',
  'refresh_token',
  'connectionString',
  'database_?url',
].join('|')

/** In JSON text: a named string, or a list. A backslash escapes the quote after it. */
const FIELD = new RegExp(`("(?:${SECRET_NAMES})":)(?:"(?:[^"\\\\]|\\\\.)*"|\\[[^\\]]*\\])`, 'gi')
const QUERY = new RegExp(`([?&](?:${SECRET_NAMES}|sig|signature)=)[^&#\\s"'\\\\]+`, 'gi')
// From the colon on, and bounded: each of these is tried at every position of untrusted text.
const CREDENTIALS = /(:\/\/)[^/\s:@"'\\]{0,256}:[^/\s@"'\\]{0,1024}@/g
const BEARER = /\b(bearer\s{1,8})[\w.~+/=-]+/gi
const KEYS = /\b(bw_[a-z]+_|sk-)[\w-]{8,}/g

/** Removes the secret parts of links, keys in queries, bearer tokens, API keys and passwords in URLs from a text. */
export function redactText(text: string): string {
  return redactLinks(text)
    .replace(QUERY, `$1${REDACTED}`)
    .replace(CREDENTIALS, `$1${REDACTED}@`)
    .replace(BEARER, `$1${REDACTED}`)
    .replace(KEYS, `$1${REDACTED}`)
}

/** The same for a line of JSON, also removing the values of fields with secret names, at any depth. */
export function redactJson(line: string): string {
  return redactText(line.replace(FIELD, `$1"${REDACTED}"`))
}
