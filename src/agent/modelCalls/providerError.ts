import {
  APICallError,
  InvalidArgumentError,
  InvalidPromptError,
  LoadAPIKeyError,
  UnsupportedFunctionalityError,
  type LanguageModelV4FinishReason,
} from '@ai-sdk/provider'
import { ERRORS, type ErrorCode } from '../../errors.ts'
import { errorWords, type ErrorWords } from '../../models/errorWords.ts'
import { ReportedError } from '../../models/reportedError.ts'
import { StreamError } from './collectStream.ts'
import { codeOfWords, retryDelayOf } from './providerWords.ts'
import { RunFailure } from '../runFailure.ts'

/** Characters of an error body that are stored for display. */
const MAX_BODY = 20_000

/** Characters of a provider's own message that an error shows. */
const MAX_WORDS = 500

/** Transient errors: the run is retried. docs/errors.md lists them. */
export const RETRIED: ReadonlySet<ErrorCode> = new Set([
  'provider_rate_limited',
  'provider_unavailable',
  'provider_bad_response',
  'model_timed_out',
  'answer_memory_exceeded',
  'run_crashed',
])

type Verdict = {
  code: ErrorCode
  /** What happened, as the end of a sentence that starts with the model. */
  what: string
  retryAfterMs?: number | undefined
}

/**
 * Maps an error of a model call to a code, whether a retry can help and when, and a message for operators. The message
 * contains the provider's short text, never a key, a body or a header.
 */
export function toRunFailure(
  error: unknown,
  { modelRef, redact }: { modelRef: string; redact: (text: string) => string },
): RunFailure {
  if (error instanceof RunFailure) return error
  const { code, what, retryAfterMs } = judge(error)
  const message = `${modelRef}: ${redact(what)} ${ERRORS[code].hint}`
  return new RunFailure(code, message, { retryable: RETRIED.has(code), retryAfterMs, cause: error })
}

/** The provider's response, if it caused the failure: status and body, without keys. */
export function receivedIn(
  failure: RunFailure,
  redact: (text: string) => string,
): { received?: { status?: number; body?: string } } {
  for (let at: unknown = failure, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (!APICallError.isInstance(at)) continue
    const { statusCode: status, responseBody: body } = at
    if (status === undefined) return {}
    return { received: { status, ...(body ? { body: redact(body).slice(0, MAX_BODY).toWellFormed() } : {}) } }
  }
  return {}
}

/** The error of an answer that was marked as failed; undefined for any other answer. */
export function incompleteAnswer(
  { unified, raw }: LanguageModelV4FinishReason,
  modelRef: string,
): RunFailure | undefined {
  if (unified !== 'error' && unified !== 'interrupted') return undefined
  const why = raw ? ` (${shorten(raw)})` : ''
  return new RunFailure(
    'provider_unavailable',
    `${modelRef}: the provider interrupted its answer${why}. ${ERRORS.provider_unavailable.hint}`,
    { retryable: true },
  )
}

/** An answer whose tool calls cannot be handled. */
export function tooDeepAnswer(modelRef: string): RunFailure {
  return new RunFailure(
    'provider_bad_response',
    `${modelRef}: the arguments of a tool call are nested too deeply. ${ERRORS.provider_bad_response.hint}`,
    { retryable: true },
  )
}

function judge(error: unknown): Verdict {
  const reported = reportedIn(error)
  if (reported) return judgeReported(reported.words)
  if (error instanceof StreamError) return judgeStream(error)
  if (APICallError.isInstance(error)) return judgeHttp(error)
  if (LoadAPIKeyError.isInstance(error)) {
    return { code: 'provider_not_configured', what: 'no key is set for the provider.' }
  }
  if (
    UnsupportedFunctionalityError.isInstance(error) ||
    InvalidPromptError.isInstance(error) ||
    InvalidArgumentError.isInstance(error)
  ) {
    return { code: 'provider_bad_request', what: `${shorten(error.message)}.` }
  }
  const network = networkReason(error)
  return network ? unreachable(network) : unreadable()
}

/** A provider that reports an error inside a stream gives no status, only text. */
function judgeStream({ cause, begun }: StreamError): Verdict {
  if (APICallError.isInstance(cause)) return judgeHttp(cause)
  const words = cause instanceof Error ? undefined : errorWords(cause)
  if (words) return judgeReported(words)
  if (networkReason(cause) || begun) {
    return { code: 'provider_unavailable', what: 'the answer was interrupted.' }
  }
  return unreadable()
}

/** An error without an HTTP status of its own: a status in its body is used, otherwise its text. */
function judgeReported({ message, kind, status }: ErrorWords): Verdict {
  const code =
    codeOfWords(`${kind} ${message}`) ?? (status === undefined ? codeOfKind(kind) : codeOfStatus(status))
  const said = [status === undefined ? '' : String(status), shorten(message)].filter((part) => part !== '')
  return { code, what: `the provider reported an error${inBrackets(said.join(': '))}.` }
}

/** An error that a provider wrote in place of its answer, anywhere in the chain of causes. */
function reportedIn(error: unknown): ReportedError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof ReportedError) return at
  }
  return undefined
}

function judgeHttp(error: APICallError): Verdict {
  const { statusCode: status, responseHeaders: headers } = error
  const network = networkReason(error)
  if (status === undefined) return unreachable(network, error.url)
  if (status < 400) {
    if (network) return { code: 'provider_unavailable', what: 'the answer was interrupted.' }
    return unreadable(headers?.['content-type'])
  }
  const said = wordsOfBody(error.responseBody, headers?.['content-type'])
  const words = inBrackets(said?.message || error.message)
  const code = codeOfAnswer(status, error.responseBody, said)
  // Without an error in the provider's own form, the response may not be from the provider at all.
  const isOwnForm = error.data !== undefined || (said?.kind ?? '') !== ''
  const doubt = status === 404 && !isOwnForm ? ', or its base URL is wrong: most end in /v1' : ''
  const answered = `the provider answered ${status}${words}${doubt}.`
  const retryAfterMs = parseRetryAfter(headers) ?? retryDelayOf(error.responseBody)
  return { code, retryAfterMs: RETRIED.has(code) ? retryAfterMs : undefined, what: answered }
}

/** The text is considered before the status, and a status within the error before that of the response. */
function codeOfAnswer(status: number, body: string | undefined, said: ErrorWords | undefined): ErrorCode {
  const code = codeOfWords(body)
  // Failing servers send all kinds of text; a prompt that is too long is also reported with such a status.
  if (code && (status < 500 || code === 'context_too_long')) return code
  return codeOfStatus(said?.status ?? status)
}

/** The server's message in the body of an error. A web page contains none. */
function wordsOfBody(body: string | undefined, contentType: string | undefined): ErrorWords | undefined {
  if (body === undefined || /html/i.test(contentType ?? '') || /^\s*</.test(body)) return undefined
  return errorWords(body)
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'provider_auth'
  if (status === 402) return 'provider_quota_exceeded'
  if (status === 404) return 'model_not_found'
  if (status === 413) return 'context_too_long'
  if (status === 429) return 'provider_rate_limited'
  if (status === 408 || status === 409 || status >= 500) return 'provider_unavailable'
  return 'provider_bad_request'
}

function codeOfKind(kind: string): ErrorCode {
  if (/rate_?limit/i.test(kind)) return 'provider_rate_limited'
  if (/auth|permission/i.test(kind)) return 'provider_auth'
  if (/invalid_request|not_found/i.test(kind)) return 'provider_bad_request'
  return 'provider_unavailable'
}

function unreachable(reason: string | undefined, url?: string): Verdict {
  const place = url && URL.canParse(url) ? ` at ${new URL(url).origin}` : ''
  return {
    code: 'provider_unavailable',
    what: `the provider${place} cannot be reached${inBrackets(reason ?? '')}.`,
  }
}

function unreadable(contentType?: string): Verdict {
  const kind = contentType ? ` (${shorten(contentType)})` : ''
  return {
    code: 'provider_bad_response',
    what: `the provider sent a response that cannot be read${kind}.`,
  }
}

/** The delay that a provider requests, in milliseconds: given in milliseconds, in seconds, or as a date. */
export function parseRetryAfter(
  headers: Record<string, string> | undefined,
  now = Date.now(),
): number | undefined {
  const ms = headers?.['retry-after-ms']
  if (ms !== undefined && /^\d+(\.\d+)?$/.test(ms)) return Math.ceil(Number(ms))
  const value = headers?.['retry-after']
  if (value === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** The system's reason for a failed connection, such as ECONNREFUSED; undefined for other errors. */
function networkReason(error: unknown): string | undefined {
  let failed = false
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (
      'code' in at &&
      typeof at.code === 'string' &&
      /^(E[A-Z]+|UND_ERR_\w+|CERT_\w+|\w+_CERT\w*)$/.test(at.code)
    ) {
      return at.code
    }
    failed ||= at instanceof TypeError && /^(fetch failed|terminated)$/.test(at.message)
  }
  return failed ? 'the connection failed' : undefined
}

function inBrackets(words: string): string {
  return words.trim() === '' ? '' : ` (${shorten(words)})`
}

function shorten(words: string): string {
  const line = words
    .slice(0, 4 * MAX_WORDS)
    .replaceAll(/\s+/g, ' ')
    .trim()
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)} …` : line
}
