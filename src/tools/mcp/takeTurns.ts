import { setImmediate } from 'node:timers/promises'

/**
 * The same response; if it is an event stream, it yields to the event loop after each piece. Otherwise everything that
 * has arrived would be read at once, and ten megabytes of events take seconds.
 */
export function takeTurns(response: Response): Response {
  const isStream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')
  if (!isStream || !response.body) return response
  const { status, statusText, headers } = response
  const slow = new TransformStream<Uint8Array, Uint8Array>({
    async transform(piece, controller) {
      controller.enqueue(piece)
      await setImmediate()
    },
  })
  return new Response(response.body.pipeThrough(slow), { status, statusText, headers })
}
