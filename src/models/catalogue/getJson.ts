import { formatBytes } from '../../contract/formatBytes.ts'
import { errorWords } from '../errorWords.ts'

type Fetch = typeof globalThis.fetch

/** Lists of gateways with hundreds of models are about one megabyte. */
const MAX_BYTES = 8 * 1024 * 1024

/** Of the words of a provider in an error. */
const MAX_WORDS = 300

/**
 * Why a provider gave no usable response. The message starts with a verb: "answered 401: invalid key".
 *
 * `unreachable`: there was none in time. `refused`: with an error status. `unreadable`: it is not what was asked for.
 */
export class ListError extends Error {
  readonly reason: 'unreachable' | 'refused' | 'unreadable'
  readonly status: number | undefined

  constructor(
    reason: ListError['reason'],
    message: string,
    { status, cause }: { status?: number; cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.name = 'ListError'
    this.reason = reason
    this.status = status
  }
}

export type JsonRequest = {
  fetch: Fetch
  headers: Readonly<Record<string, string>>
  signal: AbortSignal
  /** Sent as JSON with POST. */
  body?: unknown
}

/**
 * Reads JSON from a provider.
 *
 * @throws ListError
 */
export async function getJson(url: string, { fetch, headers, signal, body }: JsonRequest): Promise<unknown> {
  const { status, type, text } = await read(url, { fetch, headers, signal, body })
  const value = parse(text)
  if (status >= 300) {
    const words = /html/i.test(type) ? '' : (errorWords(value ?? text)?.message ?? '')
    throw new ListError('refused', `answered ${status}${words === '' ? '' : `: ${shorten(words)}`}`, {
      status,
    })
  }
  if (value !== undefined) return value
  const kind = type === '' ? '' : ` (${shorten(type)})`
  throw new ListError('unreadable', `sent a response that is not JSON${kind}`, { status })
}

async function read(
  url: string,
  { fetch, headers, signal, body }: JsonRequest,
): Promise<{ status: number; type: string; text: string }> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    })
    const type = response.headers.get('content-type') ?? ''
    return { status: response.status, type, text: await readText(response) }
  } catch (error) {
    if (error instanceof ListError) throw error
    throw new ListError('unreachable', reasonOf(error, signal), { cause: error })
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) {
      throw new ListError('unreadable', `sent more than ${formatBytes(MAX_BYTES)}`, {
        status: response.status,
      })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

/** Why a request got no response. */
export function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'did not answer in time'
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    // What the address policy says about an address.
    if (at.name === 'GuardedFetchError') return `cannot be reached: ${at.message}`
    if ('code' in at && typeof at.code === 'string') return `cannot be reached (${at.code})`
  }
  return 'cannot be reached'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The words of a provider in one line of limited length. */
export function shorten(words: string): string {
  const line = words
    .slice(0, 4 * MAX_WORDS)
    .replaceAll(/\s+/g, ' ')
    .trim()
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)} …` : line
}
