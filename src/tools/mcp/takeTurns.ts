import { setImmediate } from 'node:timers/promises'

/**
 * The same response; if it is an event stream, it yields to the event loop after each piece. Otherwise everything that
 * has arrived would be read at once, and ten megabytes of events take seconds.
 *
 * @param onError receives the error that ends the stream early
 */
export function takeTurns(response: Response, onError: (error: unknown) => void): Response {
  const isStream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')
  if (!isStream || !response.body) return response
  const { status, statusText, headers } = response
  const slow = new TransformStream<Uint8Array, Uint8Array>({
    async transform(piece, controller) {
      controller.enqueue(piece)
      await setImmediate()
    },
  })
  response.body.pipeTo(slow.writable).catch(onError)
  return new Response(slow.readable, { status, statusText, headers })
}
