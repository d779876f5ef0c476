import { setTimeout as delay } from 'node:timers/promises'
import type { FetchLike } from '@modelcontextprotocol/client'
import { takeTurns } from './takeTurns.ts'

/** How long a server may take to accept that we listen, before the first call is made without it. */
const LISTEN_MS = 250

/** How often a server may end the stream that we listen to. */
const MAX_LISTENS = 20

/**
 * The stream on which a server of 2025 may ask questions: it is opened once there is a session.
 *
 * @param onBroken receives the error that ends an event stream early
 */
export function createListening(fetch: FetchLike, onBroken: (error: unknown) => void) {
  let count = 0
  let accepted = (): void => {}
  const isOpen = new Promise<void>((resolve) => (accepted = resolve))
  let wait: Promise<unknown> | undefined
  const refuse = () => new Response(null, { status: 405 })

  return {
    fetch: ((url, init) => {
      const headers = new Headers(init?.headers)
      const isListening = init?.method === 'GET' && !headers.has('last-event-id')
      const turns = (response: Response) => takeTurns(response, onBroken)
      if (!isListening) return fetch(url, init).then(turns)
      count += 1
      if (!headers.has('mcp-session-id') || count > MAX_LISTENS) return Promise.resolve(refuse())
      return fetch(url, init).then(turns, refuse).finally(accepted)
    }) satisfies FetchLike,
    /** Resolves when the server listens to us, or after a while. */
    ready(hasSession: boolean): Promise<unknown> {
      if (!hasSession) return Promise.resolve()
      return (wait ??= Promise.race([isOpen, delay(LISTEN_MS)]))
    },
  }
}
