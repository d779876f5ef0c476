import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'
import { toTaggedJson } from '../modelCalls/taggedJson.ts'

/** What a model was sent, for people: a JSON value. */
export type Prompt = {
  /** The instructions; null when there are none. */
  system: string | null
  messages: unknown[]
  tools: { name: string; description: string | null; parameters: unknown }[]
  /** Everything else that was set, such as the response format. */
  settings: Record<string, unknown>
}

/** Puts the options of a model call into the words of the API. */
export function describePrompt(options: LanguageModelV4CallOptions): Prompt {
  const { prompt, tools = [], responseFormat, toolChoice, ...rest } = options
  const system = prompt.flatMap((message) => (message.role === 'system' ? [message.content] : []))
  return {
    system: system.length === 0 ? null : system.join('\n\n'),
    messages: prompt.flatMap((message) => (message.role === 'system' ? [] : [toMessage(message)])),
    tools: tools.map((tool) =>
      tool.type === 'function'
        ? { name: tool.name, description: tool.description ?? null, parameters: tool.inputSchema }
        : { name: tool.name, description: null, parameters: tool.args },
    ),
    settings: {
      ...(responseFormat === undefined ? {} : { response_format: responseFormat }),
      ...(toolChoice === undefined ? {} : { tool_choice: toolChoice.type }),
      ...settingsIn(rest),
    },
  }
}

/** What tunes the sampling, by the names under which most providers have it. */
const SETTINGS = {
  maxOutputTokens: 'max_output_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  stopSequences: 'stop',
  seed: 'seed',
  reasoning: 'reasoning',
} as const

function settingsIn(options: Partial<LanguageModelV4CallOptions>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(SETTINGS)
      .map(([name, shown]): [string, unknown] => [shown, Reflect.get(options, name)])
      .filter(([, value]) => value !== undefined),
  )
}

function toMessage(message: Exclude<LanguageModelV4Message, { role: 'system' }>): unknown {
  return { role: message.role, content: message.content.map(toPart) }
}

/** The parts of a message: texts, files, calls and their results. */
function toPart(part: Exclude<LanguageModelV4Message, { role: 'system' }>['content'][number]): unknown {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { type: part.type === 'text' ? 'text' : 'thought', text: part.text }
    case 'tool-call':
      return { type: 'tool_call', id: part.toolCallId, name: part.toolName, arguments: part.input }
    case 'tool-result':
      return { type: 'tool_result', id: part.toolCallId, name: part.toolName, result: resultOf(part.output) }
    default:
      return toTaggedJson(part)
  }
}

function resultOf(output: { type: string; value?: unknown }): unknown {
  return 'value' in output ? toTaggedJson(output.value) : output.type
}
