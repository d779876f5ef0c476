import { Agent, fetch as undiciFetch } from 'undici'

export type ModelFetch = { fetch: typeof globalThis.fetch; close(): Promise<void> }

/** More than any model writes in one answer, pictures included. What is larger breaks off: memory is for everybody. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024

/**
 * The HTTP client of the model providers. It waits for an answer as long as the run may last: a model that
 * reasons can be silent for many minutes, where the usual client gives up after five.
 */
export function createModelFetch(): ModelFetch {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 10_000 },
    maxResponseSize: MAX_ANSWER_BYTES,
  })
  let closing: Promise<void> | undefined
  return {
    fetch: (input, init = {}) => {
      if (input instanceof Request || init.body instanceof FormData) {
        throw new TypeError('model providers are called with a URL and a text')
      }
      return undiciFetch(input, {
        dispatcher,
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        body: init.body ?? null,
        signal: init.signal ?? null,
      })
    },
    close: () => (closing ??= dispatcher.destroy()),
  }
}
