import { GuardedFetchError } from '../guardedFetch.ts'
import { describeInvalidResult } from './invalidResult.ts'

/**
 * Why a server could not be used. The message is a sentence without a full stop, for the model and for people; it
 * contains no secret.
 */
export class McpError extends Error {
  /**
   * `refused`: nothing was sent. `away`: the server was not reached, or the connection broke. `late`: it did not answer
   * in time. `unusable`: its answer is too large, or invalid. After these three a call may have been processed.
   * `stale`: the server no longer has the session, and did nothing. `answered`: it returned an error.
   */
  readonly kind: 'refused' | 'away' | 'late' | 'unusable' | 'stale' | 'answered'

  constructor(kind: McpError['kind'], message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'McpError'
    this.kind = kind
  }
}

/** How servers answer a request with an unknown session; some send 400 where the protocol says 404. */
const NO_SESSION = new Set([400, 404])

/** The error code that we put in place of an interrupted response. */
export const BROKEN_OFF = -32_099

const MAX_EXCERPT = 500

/**
 * Converts errors thrown by the client into an McpError.
 *
 * @param redact removes secrets from the server's messages
 */
export function toMcpError(
  error: unknown,
  { redact, hasSession = false }: { redact: (text: string) => string; hasSession?: boolean },
): McpError {
  const chain = causes(error)
  const known = chain.find((one) => one instanceof McpError)
  if (known) return known
  const guarded = chain.find((one) => one instanceof GuardedFetchError)
  if (guarded) {
    const kind = { refused: 'refused', timeout: 'late', too_large: 'unusable', network: 'away' } as const
    return new McpError(kind[guarded.kind], redact(guarded.message), { cause: error })
  }
  const status = chain.map((one) => field(one, 'status')).find((one) => typeof one === 'number')
  if (typeof status === 'number') {
    const kind = hasSession && NO_SESSION.has(status) ? 'stale' : status >= 500 ? 'away' : 'answered'
    return new McpError(kind, describeStatus(status, chain.map(bodyOf).find(Boolean), redact), {
      cause: error,
    })
  }
  return judgeMessage(error, redact)
}

function judgeMessage(error: unknown, redact: (text: string) => string): McpError {
  const code = field(error, 'code')
  const message = error instanceof Error ? error.message : String(error)
  const said = cut(redact(message).replaceAll(/\s+/g, ' ').trim())
  if (code === 'CONNECTION_CLOSED' || code === 'NOT_CONNECTED' || code === BROKEN_OFF) {
    return new McpError('away', 'the connection to the server closed before it responded', { cause: error })
  }
  if (typeof code === 'number')
    return new McpError('answered', `the server reported: ${said}`, { cause: error })
  if (code === 'INVALID_RESULT') {
    return new McpError('unusable', cut(redact(describeInvalidResult(message))), { cause: error })
  }
  if (code === 'REQUEST_TIMEOUT') {
    return new McpError('late', 'the server did not answer in time', { cause: error })
  }
  return new McpError('away', `the server could not be used: ${said}`, { cause: error })
}

function describeStatus(status: number, body: string | undefined, redact: (text: string) => string): string {
  if (status === 401 || status === 403) {
    return `the server rejected the credentials or requires some (HTTP ${status}): set them in "headers"`
  }
  const excerpt = body === undefined || /^\s*</.test(body) ? '' : `: ${cut(redact(body)).trim()}`
  return `the server answered HTTP ${status}${excerpt}`
}

/** An error and what caused it, the error first. */
function causes(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let at = error; at !== undefined && at !== null && chain.length < 8; at = field(at, 'cause')) {
    chain.push(at)
    const inner = field(field(at, 'data'), 'cause')
    if (inner !== undefined && !chain.includes(inner)) chain.push(inner)
  }
  return chain
}

function bodyOf(error: unknown): string | undefined {
  const text = field(field(error, 'data'), 'text')
  return typeof text === 'string' && text !== '' ? text : undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function cut(text: string): string {
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT).toWellFormed()} …` : text
}
