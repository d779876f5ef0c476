import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'
import { sha256 } from '../stepKey.ts'

/** The part of a prompt that the journal stores. */
export type PromptRecord = {
  /** Messages in all. */
  messages: number
  /** Hash over everything sent in this call and those before it. The same on a replay. */
  fingerprint: string
  /** It goes on with the answer of the call before, which was cut. */
  continues?: true
  /** First call: the instructions. */
  system?: string
  /** First call: the user message. Later calls: messages that we added, such as a request to correct the answer. */
  user?: string
  /** First call only: names of the available tools. */
  tools?: string[]
  /** Later calls: results of tool calls that have no row of their own, such as a call of an unknown tool. */
  results?: { tool: string; tool_call_id: string; result: unknown }[]
}

/** Characters of a text that are stored for display. The payload is stored in full elsewhere. */
const MAX_TEXT = 100_000

/**
 * Creates the prompt records of one run. Each prompt continues the one before, so each record covers only what is new:
 * the total size stays linear in the number of steps.
 */
export function createPromptRecorder(
  modelRef: string,
  recordedCalls: ReadonlySet<string>,
): (options: LanguageModelV4CallOptions) => PromptRecord {
  let fingerprint = ''
  let count = 0

  return ({ prompt, tools = [], responseFormat }) => {
    const isFirst = count === 0
    const fresh = prompt.slice(count)
    const frame = isFirst ? [modelRef, tools, responseFormat] : []
    fingerprint = sha256(JSON.stringify([fingerprint, frame, fresh])).slice(0, 32)
    count = prompt.length
    const record: PromptRecord = { messages: count, fingerprint }
    if (!isFirst) {
      const results = unrecordedResults(fresh, recordedCalls)
      const user = cut(textOf(fresh, 'user'))
      return { ...record, ...(results.length > 0 ? { results } : {}), ...(user === '' ? {} : { user }) }
    }
    return {
      ...record,
      system: cut(textOf(prompt, 'system')),
      // Earlier turns of a conversation have a row of their own.
      user: cut(textOf(prompt.slice(prompt.findLastIndex(({ role }) => role === 'assistant') + 1), 'user')),
      ...(tools.length > 0 ? { tools: tools.map(({ name }) => name) } : {}),
    }
  }
}

function unrecordedResults(
  messages: LanguageModelV4Message[],
  recordedCalls: ReadonlySet<string>,
): NonNullable<PromptRecord['results']> {
  return messages
    .flatMap((message) => (message.role === 'tool' ? message.content : []))
    .flatMap((part) =>
      part.type === 'tool-result' && !recordedCalls.has(part.toolCallId)
        ? [{ tool: part.toolName, tool_call_id: part.toolCallId, result: part.output }]
        : [],
    )
}

function textOf(prompt: LanguageModelV4Message[], role: 'system' | 'user'): string {
  return prompt
    .flatMap((message) => {
      if (message.role !== role) return []
      if (typeof message.content === 'string') return [message.content]
      return message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    })
    .join('\n')
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} … (${text.length} characters)` : text
}
