import { Response } from 'undici'
import { parseExact } from '../../contract/exactJson.ts'
import { reportedError } from '../errorWords.ts'
import { ReportedError } from '../reportedError.ts'
import { isObject } from '../../contract/jsonObject.ts'
import { repairAnswer } from './repairAnswer.ts'
import { repairStream } from './repairStream.ts'

type Fetch = typeof globalThis.fetch

/**
 * An HTTP client for a chat-completions server that deviates from OpenAI's format: repairs responses before anything
 * else reads them.
 *
 * The promise, or the body, fails with a ReportedError when the response is an error.
 */
export function createRepairFetch(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!response.ok || !response.body) return response
    const type = response.headers.get('content-type') ?? ''
    if (type.includes('text/event-stream'))
      return withBody(response, response.body.pipeThrough(repairStream()))
    const text = await response.text()
    const wantsStream = typeof init?.body === 'string' && /"stream":\s*true/.test(init.body)
    return repairText(response, text, wantsStream)
  }
}

function repairText(response: globalThis.Response, text: string, wantsStream: boolean): globalThis.Response {
  const answer = parse(text)
  if (!isObject(answer)) {
    const isStream = wantsStream && /^\s*(data|event|:)/.test(text)
    return isStream
      ? withBody(response, streamOf(text).pipeThrough(repairStream()), 'text/event-stream')
      : withBody(response, text)
  }
  const error = reportedError(answer)
  if (error) throw new ReportedError(error)
  const changed = repairAnswer(answer, 'message')
  if (!wantsStream) return withBody(response, changed ? JSON.stringify(answer) : text)
  return withBody(response, asStream(answer), 'text/event-stream')
}

/** Converts a whole answer to the stream that was requested. */
function asStream(answer: Record<string, unknown>): string {
  const { choices, usage, ...base } = answer
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
  const { message, finish_reason: reason } = isObject(choice) ? choice : {}
  const calls: unknown = isObject(message) ? message['tool_calls'] : undefined
  const delta = {
    ...(isObject(message) ? message : {}),
    ...(Array.isArray(calls) ? { tool_calls: calls.map((call, index) => ({ index, ...call })) } : {}),
  }
  const end = { index: 0, delta: {}, finish_reason: reason ?? (Array.isArray(calls) ? 'tool_calls' : 'stop') }
  return [
    { ...base, choices: [{ index: 0, delta }] },
    { ...base, choices: [end], ...(usage === undefined ? {} : { usage }) },
  ]
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .concat('data: [DONE]\n\n')
    .join('')
}

function streamOf(text: string): ReadableStream<Uint8Array> {
  return ReadableStream.from([new TextEncoder().encode(`${text}\n`)])
}

function withBody(
  response: globalThis.Response,
  body: string | ReadableStream<Uint8Array>,
  type?: string,
): globalThis.Response {
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  if (type !== undefined) headers.set('content-type', type)
  return new Response(body, {
    status: response.status,
    statusText: response.statusText,
    headers: [...headers],
  })
}

function parse(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}
