import { ExactNumber } from '../../contract/exactJson.ts'
import type { ToolAccess } from '../../contract/toolParts.ts'
import { GuardedFetchError, type GuardedFetch } from '../guardedFetch.ts'
import { describeHttpError, parseJson, readBodyText, toHttpResult, type HttpResult } from './httpResult.ts'
import { createMask } from '../redactSecrets.ts'
import { ToolError, type CallObserver } from '../tool.ts'

export type HttpRequest = {
  method: string
  url: URL
  headers: Headers
  body: string | Uint8Array<ArrayBuffer> | undefined
}

/**
 * Makes one HTTP call of a tool, and describes the outcome to the model.
 *
 * @param redact removes secrets from responses and errors
 * @throws ToolError; the reason of the signal when that is aborted
 */
export async function makeCall(
  request: HttpRequest,
  options: {
    fetch: GuardedFetch
    access: ToolAccess
    signal: AbortSignal
    redact: (text: string) => string
    observer?: CallObserver | undefined
  },
): Promise<HttpResult> {
  try {
    return await send(request, options)
  } catch (error) {
    options.signal.throwIfAborted()
    if (!(error instanceof GuardedFetchError)) throw error
    const isInDoubt = options.access === 'write' && error.kind !== 'refused'
    const doubt = isInDoubt ? ' Whether the call took effect is unknown.' : ''
    throw new ToolError(`The call failed: ${options.redact(error.message)}.${doubt}`, { cause: error })
  }
}

async function send(
  { method, url, headers, body }: HttpRequest,
  { fetch, signal, redact, observer }: Parameters<typeof makeCall>[1],
): Promise<HttpResult> {
  const response = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) })
  observer?.status(response.status)
  const read = await readBodyText(response)
  const clean = { ...read, text: redactEscaped(redact(read.text), redact) }
  if (response.ok) return redactValues(toHttpResult(response, clean), redact)
  throw new ToolError(redact(describeHttpError(response, clean)))
}

/** Characters of a body that somebody who tries a tool is shown. */
const MAX_OBSERVED = 64 * 1024

/**
 * Reports a request before it is sent.
 *
 * @param secrets what is masked in it
 */
export function observeRequest(
  { method, url, headers, body }: HttpRequest,
  { observer, secrets }: { observer: CallObserver | undefined; secrets: Iterable<string> },
): void {
  if (!observer) return
  const mask = createMask(secrets)
  const text = typeof body === 'object' ? new TextDecoder().decode(body) : body
  observer.request({
    method,
    url: mask(url.href),
    headers: Object.fromEntries([...headers].map(([name, value]) => [name, mask(value)])),
    body: text === undefined ? null : mask(text).slice(0, MAX_OBSERVED).toWellFormed(),
  })
}

/** JSON may encode the same text in other ways, with escapes: it is parsed to find secrets in it. */
function redactEscaped(text: string, redact: (text: string) => string): string {
  if (!text.includes('\\')) return text
  const value = parseJson(text)
  if (value === undefined) return text
  const clean = JSON.stringify(redactValues(value, redact))
  return clean === JSON.stringify(value) ? text : clean
}

function redactValues<T>(value: T, redact: (text: string) => string): T
function redactValues(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((item) => redactValues<unknown>(item, redact))
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [redact(name), redactValues<unknown>(item, redact)]),
  )
}

/** @throws ToolError for a value that headers cannot hold */
export function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value)
  } catch {
    throw new ToolError(
      `the header ${name} would contain a character that headers do not allow, such as a line break`,
    )
  }
}
