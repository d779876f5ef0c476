import type { GuardedFetch } from '../tools/guardedFetch.ts'
import { exchange, type Outgoing } from './exchange.ts'

/**
 * What came of one attempt. `gone`: the receiver wants no more of this (410). `refused`: it will not succeed however
 * often it is repeated, or nothing was sent because of where the address leads.
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
export const MAX_RESPONSE_CHARACTERS = 2_000

/** Sends a callback once. A redirect is a failure: the signature is for this address. */
export async function attempt(fetch: GuardedFetch, outgoing: Outgoing): Promise<AttemptResult> {
  const started = performance.now()
  const result = (of: Omit<AttemptResult, 'durationMs'>): AttemptResult => ({
    ...of,
    durationMs: Math.round(performance.now() - started),
  })
  const answer = await exchange(fetch, outgoing, MAX_RESPONSE_CHARACTERS)
  if ('error' in answer) return result({ ...answer, status: null, response: null, retryAfter: undefined })
  const { status, text: response, retryAfter } = answer
  if (status >= 200 && status < 300) {
    return result({ kind: 'delivered', status, response, retryAfter, error: null })
  }
  const error =
    status >= 300 && status < 400
      ? `the receiver redirects (${status}); set the final URL`
      : `the receiver answered ${status}`
  return result({ kind: status === 410 ? 'gone' : 'failed', status, response, retryAfter, error })
}

/** The result when nothing was sent, and nothing will be. */
export function unsent(error: string): AttemptResult {
  return { kind: 'refused', status: null, error, response: null, retryAfter: undefined, durationMs: 0 }
}
