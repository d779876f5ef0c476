import { isAtMostDeep } from '../../contract/depth.ts'
import { parseExact } from '../../contract/exactJson.ts'
import { GuardedFetchError } from '../guardedFetch.ts'

/** Bytes of a body that are read. More than the model is shown, so that longer JSON can still be parsed. */
const MAX_READ_BYTES = 512 * 1024

/** Characters of a body shown to the model. */
export const MAX_SHOWN = 64 * 1024

/** Characters of a body shown in an error. */
const MAX_EXCERPT = 2_000

/** Maximum levels of JSON; a deeper body is shown as text. */
const MAX_LEVELS = 500

/** The description of a response for the model. */
export type HttpResult = {
  status: number
  content_type?: string
  /** The JSON value if there is one that is short enough; otherwise text. */
  body?: unknown
  /** What was omitted. */
  note?: string
}

/** The start of a body as text, and whether it is complete. */
export type BodyText = { text: string; complete: boolean }

/**
 * Reads as much of a body as may be needed; the rest is not fetched.
 *
 * @throws GuardedFetchError, or the reason of the caller's signal
 */
export async function readBodyText(response: Response): Promise<BodyText> {
  if (!response.body) return { text: '', complete: true }
  const decoder = new TextDecoder(charsetOf(response))
  const reader = response.body.getReader()
  let text = ''
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { text: text + decoder.decode(), complete: true }
      bytes += value.byteLength
      text += decoder.decode(value, { stream: true })
      if (bytes > MAX_READ_BYTES) break
    }
  } catch (error) {
    if (!(error instanceof GuardedFetchError) || error.kind !== 'too_large') throw error
  }
  await reader.cancel().catch(() => {})
  return { text, complete: false }
}

/** Describes a response to the model, at a limited length. Redact the text first. */
export function toHttpResult(response: Response, { text, complete }: BodyText): HttpResult {
  const type = response.headers.get('content-type') ?? undefined
  const result: HttpResult = { status: response.status, ...(type ? { content_type: type } : {}) }
  if (text === '' && complete) return result
  if (isBinary(type)) return { ...result, note: 'The body is not text and is not shown.' }

  if (complete && text.length <= MAX_SHOWN) {
    const value = looksLikeJson(type, text) ? parseJson(text) : undefined
    return { ...result, body: value === undefined ? text : value }
  }
  const total = complete ? `${text.length}` : `more than ${text.length}`
  const note = `The body is truncated: these are the first ${MAX_SHOWN} of ${total} characters.`
  return { ...result, body: text.slice(0, MAX_SHOWN).toWellFormed(), note }
}

/** Describes an error response to the model, at a limited length. Redact the text first. */
export function describeHttpError(response: Response, { text }: BodyText): string {
  const name = response.statusText ? ` ${response.statusText}` : ''
  const isRedirect = response.status >= 300 && response.status < 400
  const redirect = isRedirect ? ' (redirects are not followed)' : ''
  const type = response.headers.get('content-type') ?? undefined
  const excerpt = isBinary(type) ? '' : text.slice(0, MAX_EXCERPT).toWellFormed().trim()
  const tail = text.length > MAX_EXCERPT ? ' …' : ''
  return `HTTP ${response.status}${name}${redirect}${excerpt === '' ? '' : `: ${excerpt}${tail}`}`
}

function looksLikeJson(type: string | undefined, text: string): boolean {
  return type === undefined ? /^\s*[[{]/.test(text) : /[/+]json\b/i.test(type)
}

/** Undefined if it is not JSON, or is nested so deeply that it would overflow the stack of recursive code. */
export function parseJson(text: string): unknown {
  try {
    const value = parseExact(text)
    return isAtMostDeep(value, MAX_LEVELS) ? value : undefined
  } catch {
    return undefined
  }
}

function isBinary(type: string | undefined): boolean {
  return (
    type !== undefined &&
    /^(image|audio|video|font)\/|octet-stream|\/(pdf|zip|gzip|x-tar)\b/i.test(type) &&
    !/svg/i.test(type)
  )
}

function charsetOf(response: Response): string {
  const charset = /charset="?([\w-]+)/i.exec(response.headers.get('content-type') ?? '')?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).encoding
  } catch {
    return 'utf-8'
  }
}
