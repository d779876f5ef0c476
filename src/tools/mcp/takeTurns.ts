import { setImmediate } from 'node:timers/promises'

/**
 * The same response; of one that is a stream of events, everything else gets its turn after each piece. Whatever has
 * arrived would else be read at once, and ten megabytes of events take seconds.
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
