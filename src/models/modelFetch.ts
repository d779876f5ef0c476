import { Agent, fetch as undiciFetch, Response } from 'undici'
import { countBody } from './answerMeter.ts'

export type ModelFetch = { fetch: typeof globalThis.fetch; close(): Promise<void> }

/**
 * The HTTP client of the model providers. It waits for an answer as long as the run may last: a model that
 * reasons can be silent for many minutes, where the usual client gives up after five. What arrives is counted by
 * the meter of the call.
 */
export function createModelFetch(): ModelFetch {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 10_000 },
  })
  let closing: Promise<void> | undefined
  return {
    fetch: async (input, init = {}) => {
      if (input instanceof Request || init.body instanceof FormData) {
        throw new TypeError('model providers are called with a URL and a text')
      }
      const response = await undiciFetch(input, {
        dispatcher,
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        body: init.body ?? null,
        signal: init.signal ?? null,
      })
      if (!response.body) return response
      const { status, statusText, headers } = response
      const isStream = headers.get('content-type')?.includes('text/event-stream') ?? false
      return new Response(countBody(response.body, { isStream }), { status, statusText, headers })
    },
    close: () => (closing ??= dispatcher.destroy()),
  }
}
