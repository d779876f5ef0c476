import { GuardedFetchError, type GuardedFetch } from '../tools/guardedFetch.ts'
import { readRetryAfter } from './retrySchedule.ts'

/** What is sent, and where. */
export type Outgoing = { url: string; headers: Record<string, string>; body: Buffer }

/**
 * What came of one attempt. `gone`: the receiver wants no more of this (410). `refused`: nothing was sent, and will
 * not be, because of where the address leads.
 */
export type AttemptResult = {
  kind: 'delivered' | 'failed' | 'gone' | 'refused'
  /** Null when there was no response. */
  status: number | null
  /** Why it failed, in words; null when it was delivered. */
  error: string | null
  /** The first part of the response's body. */
  response: string | null
  /** Seconds that the receiver asked to wait. */
  retryAfter: number | undefined
  durationMs: number
}

/** What is kept of a response. */
const MAX_RESPONSE_CHARACTERS = 2_000

/**
 * Sends once. The response counts as soon as its status is there: a receiver that answers and never ends its body has
 * received the delivery. A redirect is a failure: the signature is for this address.
 */
export async function attempt(fetch: GuardedFetch, { url, headers, body }: Outgoing): Promise<AttemptResult> {
  const started = performance.now()
  const result = (of: Omit<AttemptResult, 'durationMs'>): AttemptResult => ({
    ...of,
    durationMs: Math.round(performance.now() - started),
  })
  let response: Response
  try {
    response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
  } catch (error) {
    if (!(error instanceof GuardedFetchError)) throw error
    const kind = error.kind === 'refused' ? 'refused' : 'failed'
    return result({ kind, status: null, error: error.message, response: null, retryAfter: undefined })
  }
  const { status } = response
  const answer = {
    status,
    response: await readStart(response),
    retryAfter: readRetryAfter(response.headers.get('retry-after'), new Date()),
  }
  if (response.ok) return result({ ...answer, kind: 'delivered', error: null })
  const error =
    status >= 300 && status < 400
      ? `the receiver redirects (${status}); enter the final address`
      : `the receiver answered ${status}`
  return result({ ...answer, kind: status === 410 ? 'gone' : 'failed', error })
}

async function readStart(response: Response): Promise<string | null> {
  if (!response.body) return null
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (text.length < MAX_RESPONSE_CHARACTERS) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    // What broke off after the status does not change it.
  } finally {
    await reader.cancel().catch(() => undefined)
  }
  return text.slice(0, MAX_RESPONSE_CHARACTERS).replaceAll('\0', '�').toWellFormed()
}
