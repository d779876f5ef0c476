import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import { demoValue } from './demoValue.ts'

/** Characters of the received message shown in the answer. */
const EXCERPT = 200

const CLOCK = 'current_time'
const ASKED: LanguageModelV4FinishReason = { unified: 'tool-calls', raw: 'tool_calls' }
const FINISHED: LanguageModelV4FinishReason = { unified: 'stop', raw: 'stop' }

/**
 * A canned model without network access, so that a new user sees the whole path without a provider key. It answers at
 * once, says what it is, shows an excerpt of what it received, and fills an output schema with values of the right
 * types. It supports one tool: it calls the built-in clock once, if the agent has it.
 */
export function createDemoModel(): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'demo',
    modelId: 'assistant',
    supportedUrls: {},

    doGenerate(options) {
      if (wantsTime(options)) {
        return Promise.resolve({
          content: [askForTime()],
          finishReason: ASKED,
          usage: usageOf(1, 1),
          warnings: [],
        })
      }
      const { text, usage } = answer(options)
      return Promise.resolve({
        content: [{ type: 'text', text }],
        finishReason: FINISHED,
        usage,
        warnings: [],
      })
    },

    doStream(options) {
      return Promise.resolve({ stream: ReadableStream.from(stream(options)) })
    },
  }
}

function* stream(options: LanguageModelV4CallOptions): Generator<LanguageModelV4StreamPart> {
  if (wantsTime(options)) {
    yield { type: 'stream-start', warnings: [] }
    yield askForTime()
    yield { type: 'finish', finishReason: ASKED, usage: usageOf(1, 1) }
    return
  }
  const { text, usage } = answer(options)
  const id = 'text'
  yield { type: 'stream-start', warnings: [] }
  yield { type: 'text-start', id }
  for (const delta of text.match(/\S+\s*/g) ?? []) yield { type: 'text-delta', id, delta }
  yield { type: 'text-end', id }
  yield { type: 'finish', finishReason: FINISHED, usage }
}

/** Whether the agent has the built-in clock, and it was not called in this run. */
function wantsTime({ tools, prompt }: LanguageModelV4CallOptions): boolean {
  return tools?.some(({ name }) => name === CLOCK) === true && !prompt.some(({ role }) => role === 'tool')
}

function askForTime() {
  return { type: 'tool-call' as const, toolCallId: 'demo-clock', toolName: CLOCK, input: '{}' }
}

function answer({ prompt, responseFormat }: LanguageModelV4CallOptions): {
  text: string
  usage: LanguageModelV4Usage
} {
  const received = lastUserText(prompt)
  const sentence =
    'This is the demo model: its answers are canned and it calls no provider. ' +
    'Choose a real one, for example openai/gpt-5-mini, to get a real answer.'
  const text =
    responseFormat?.type === 'json' && responseFormat.schema
      ? JSON.stringify(demoValue(responseFormat.schema, sentence))
      : `${sentence}\n\nIt received: ${excerpt(received)}`
  return { text, usage: usageOf(words(received), words(text)) }
}

function lastUserText(prompt: LanguageModelV4Prompt): string {
  const message = prompt.findLast(({ role }) => role === 'user')
  if (message?.role !== 'user') return ''
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}

function excerpt(text: string): string {
  const line = text
    .slice(0, 4 * EXCERPT)
    .replaceAll(/\s+/g, ' ')
    .trim()
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)} …` : line
}

/** Counts words by the gaps between them. */
function words(text: string): number {
  let count = 0
  let inWord = false
  for (let index = 0; index < text.length; index++) {
    const isSpace = text.charCodeAt(index) <= 32
    if (!isSpace && !inWord) count++
    inWord = !isSpace
  }
  return count
}

function usageOf(input: number, output: number): LanguageModelV4Usage {
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  }
}
