import { ReportedError } from '../reportedError.ts'

type Fetch = typeof globalThis.fetch

/** A path that ends with the version of an API, such as `/v1`. */
const VERSIONED = /\/v\d[\w.-]*$/

/** How servers report an unknown path, where they do so with status 200. */
const NO_SUCH_PATH = /unexpected endpoint|no such (?:endpoint|route|path)|unknown (?:endpoint|route|path)/i

/** Characters of a body that are examined. */
const MAX_LOOKED_AT = 2_000

/**
 * Creates an HTTP client that detects whether a base URL without a version needs `/v1`: when the server does not know
 * the path, it is tried there, and whatever worked is used from then on.
 *
 * @param fetch may throw a ReportedError for an error with status 200
 */
export function createBaseFinder(baseUrl: string, fetch: Fetch): Fetch {
  if (VERSIONED.test(new URL(baseUrl).pathname)) return fetch
  let version = ''

  return async (input, init) => {
    const url = urlOf(input)
    if (!url.startsWith(baseUrl)) return fetch(input, init)
    const send = (prefix: string): Promise<Response> =>
      fetch(baseUrl + prefix + url.slice(baseUrl.length), init)
    if (version !== '') return send(version)
    const first = await settle(send(''))
    if (!(await isUnknownPath(first))) return answerOf(first)
    const second = await settle(send('/v1'))
    if (await isUnknownPath(second)) return answerOf(first)
    version = '/v1'
    return answerOf(second)
  }
}

type Settled = { response: Response } | { error: unknown }

function settle(response: Promise<Response>): Promise<Settled> {
  return response.then(
    (value) => ({ response: value }),
    (error: unknown) => ({ error }),
  )
}

function answerOf(settled: Settled): Response {
  if ('error' in settled) throw settled.error
  return settled.response
}

/** Whether a server reports an unknown path, rather than an unknown model. */
async function isUnknownPath(settled: Settled): Promise<boolean> {
  if ('error' in settled) {
    const { error } = settled
    return error instanceof ReportedError && NO_SUCH_PATH.test(error.words.message)
  }
  const { response } = settled
  if (response.status !== 404 && response.status !== 405) return false
  // Read from a copy: the caller reads the response from its start.
  const text = await response.clone().text()
  return !/model/i.test(text.slice(0, MAX_LOOKED_AT))
}

function urlOf(input: Parameters<Fetch>[0]): string {
  if (typeof input === 'string') return input
  return input instanceof URL ? input.href : input.url
}
