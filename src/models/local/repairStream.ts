import { parseExact } from '../../contract/exactJson.ts'
import { reportedError } from '../errorWords.ts'
import { isObject } from '../../contract/jsonObject.ts'
import { repairAnswer } from './repairAnswer.ts'

const DATA = /^data: ?(.*)$/s
const DONE = '[DONE]'

/**
 * Repairs an event stream line by line. It ends at `[DONE]`, even if the server keeps the connection open, and gets a
 * finish reason if only that is missing.
 */
export function repairStream(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  const seen = { text: false, call: false, finish: false }
  let rest: string[] = []

  /** The repaired line; undefined for the end of the stream. */
  function repairLine(line: string): string | undefined {
    const data = DATA.exec(line.endsWith('\r') ? line.slice(0, -1) : line)?.[1]
    if (data === undefined) return `${line}\n`
    if (data.trim() === DONE) return undefined
    const event = parse(data)
    // The rest of it is in the next line.
    if (!isObject(event)) return `${line}\n`
    return `data: ${repairEvent(event, data)}\n\n`
  }

  function repairEvent(event: Record<string, unknown>, data: string): string {
    const error = reportedError(event)
    if (error) {
      const { message, kind, status } = error
      return JSON.stringify({
        error: { message, ...(kind === '' ? {} : { type: kind }), ...(status ? { code: status } : {}) },
      })
    }
    const changed = repairAnswer(event, 'delta')
    note(event, seen)
    return changed ? JSON.stringify(event) : data
  }

  /** What is sent in place of `[DONE]`, including it. */
  function end(): string {
    const hasFinished = seen.finish || !(seen.text || seen.call)
    const reason = seen.call ? 'tool_calls' : 'stop'
    const finish = { choices: [{ index: 0, delta: {}, finish_reason: reason }] }
    return `${hasFinished ? '' : `data: ${JSON.stringify(finish)}\n\n`}data: ${DONE}\n\n`
  }

  return new TransformStream({
    transform(chunk, controller) {
      const [first = '', ...lines] = decoder.decode(chunk, { stream: true }).split('\n')
      rest.push(first)
      if (lines.length === 0) return
      const complete = [rest.join(''), ...lines]
      rest = [complete.pop() ?? '']
      let repaired = ''
      for (const line of complete) {
        const text = repairLine(line)
        if (text === undefined) {
          controller.enqueue(encoder.encode(repaired + end()))
          controller.terminate()
          return
        }
        repaired += text
      }
      controller.enqueue(encoder.encode(repaired))
    },
    flush(controller) {
      const line = rest.join('') + decoder.decode()
      if (line !== '') controller.enqueue(encoder.encode(repairLine(line) ?? end()))
    },
  })
}

function note(event: Record<string, unknown>, seen: { text: boolean; call: boolean; finish: boolean }): void {
  const choices: unknown = event['choices']
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
  if (!isObject(choice)) return
  if (typeof choice['finish_reason'] === 'string') seen.finish = true
  const { delta } = choice
  if (!isObject(delta)) return
  if (Array.isArray(delta['tool_calls']) && delta['tool_calls'].length > 0) seen.call = true
  else seen.text = true
}

function parse(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}
