import type { LookupFunction } from 'node:net'
import { Agent, fetch as undiciFetch, Response } from 'undici'
import { countBody } from './answerMeter.ts'

export type ModelFetch = { fetch: typeof globalThis.fetch; close(): Promise<void> }

/** Decides where a client may connect. `check` throws for a URL that is refused. */
export type ModelGuard = { check(url: string): void; lookup: LookupFunction }

/**
 * The HTTP client for model providers. It waits for an answer as long as the run may last: a reasoning model can be
 * silent for many minutes, where the usual client gives up after five. Received bytes are counted by the call's meter.
 *
 * @param guard with it, addresses are checked, and redirects are returned instead of followed
 */
export function createModelFetch(guard?: ModelGuard): ModelFetch {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 10_000, ...(guard ? { lookup: guard.lookup } : {}) },
  })
  let closing: Promise<void> | undefined
  return {
    fetch: async (input, init = {}) => {
      if (input instanceof Request || init.body instanceof FormData) {
        throw new TypeError('model providers are called with a URL and a text')
      }
      guard?.check(input instanceof URL ? input.href : input)
      const response = await undiciFetch(input, {
        dispatcher,
        redirect: guard ? 'manual' : 'follow',
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        body: typeof init.body === 'string' ? wellFormed(init.body) : (init.body ?? null),
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

/** JSON.stringify writes unpaired surrogates, and nothing else, as escapes of this form. */
const LONE_SURROGATE = /(\\\\)|\\u[dD][89abAB][\da-fA-F]{2}|\\u[dD][c-fC-F][\da-fA-F]{2}/g

/** Unpaired surrogates are not characters, and providers reject them. */
function wellFormed(body: string): string {
  if (!body.includes('\\ud') && body.isWellFormed()) return body
  return body
    .replaceAll(LONE_SURROGATE, (found, backslash: string | undefined) => backslash ?? '\uFFFD')
    .toWellFormed()
}
