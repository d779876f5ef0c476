import { toStorableText } from '../contract/storable.ts'
import { GuardedFetchError, type GuardedFetch } from '../tools/guardedFetch.ts'
import { readRetryAfter } from './retrySchedule.ts'

/** What is sent, and where. */
export type Outgoing = {
  method?: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: Buffer | undefined
}

/** What came back. */
export type Answer = {
  status: number
  headers: Headers
  /** The beginning of the body, as far as it was read. */
  text: string
  /** Seconds that the receiver asked to wait, by the header `Retry-After`. */
  retryAfter: number | undefined
}

/** `refused`: nothing was sent, because of where the address leads. `failed`: whether it was received is not known. */
export type NoAnswer = { kind: 'refused' | 'failed'; error: string }

/**
 * Sends one request. The answer counts as soon as its status is there: a receiver that never ends its body has received
 * the request.
 *
 * @param maxCharacters of the body that are read
 */
export async function exchange(
  fetch: GuardedFetch,
  { method = 'POST', url, headers, body }: Outgoing,
  maxCharacters: number,
): Promise<Answer | NoAnswer> {
  let response: Response
  try {
    response = await fetch(url, { method, headers, ...(body ? { body: new Uint8Array(body) } : {}) })
  } catch (error) {
    if (!(error instanceof GuardedFetchError)) throw error
    return { kind: error.kind === 'refused' ? 'refused' : 'failed', error: error.message }
  }
  return {
    status: response.status,
    headers: response.headers,
    text: await readStart(response, maxCharacters),
    retryAfter: readRetryAfter(response.headers.get('retry-after'), new Date()),
  }
}

async function readStart(response: Response, maxCharacters: number): Promise<string> {
  if (!response.body) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (text.length < maxCharacters) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    // What broke off after the status does not change it.
  } finally {
    await reader.cancel().catch(() => undefined)
  }
  return toStorableText(text.slice(0, maxCharacters))
}
