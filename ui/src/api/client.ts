import { parseExact } from '../../../src/contract/exactJson.ts'
import { here } from '../lib/base.ts'
import { ApiError } from './apiError.ts'
import { noteAnswer, noteSilence } from './connection.ts'

/**
 * Calls the API. The response has the type given by the contract; the server has validated it.
 *
 * @param path without a leading slash
 * @param options `body` is sent as JSON; a file is sent as it is, with the type given in the headers
 * @throws ApiError
 */
export async function call<Answer>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  { body, signal, headers }: { body?: unknown; signal?: AbortSignal; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await send(here(path), {
    method,
    ...(signal ? { signal } : {}),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
  })
  const answer: unknown = await response
    .text()
    .then(parseExact)
    .catch(() => null)
  if (response.ok) return answer as Answer
  const error = new ApiError(response.status, isRecord(answer) ? answer : {})
  if (error.isPassing) await noteSilence()
  throw error
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, init)
    noteAnswer()
    return response
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    await noteSilence()
    throw new ApiError(0, {
      title: 'Bellwire is not responding',
      detail: 'The request may not have arrived. Try again when the connection is back.',
    })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A path with a query. Undefined parameters are left out. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`
}
