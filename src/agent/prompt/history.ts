import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import type { ExactArguments } from '../toolCalls/exactArguments.ts'

/** What providers accept as a tool name: https://platform.openai.com/docs/api-reference/chat/create */
const LEGAL_NAME = /^[a-zA-Z0-9_-]{1,64}$/

/**
 * The conversation in a form that every provider accepts: invented tool names are made valid, and arguments keep all
 * the digits that the model wrote.
 */
export function toHistory(
  prompt: LanguageModelV4Prompt,
  { exactArguments }: { exactArguments: ExactArguments },
): LanguageModelV4Prompt {
  return prompt.map((message) => {
    if (message.role === 'assistant') {
      return {
        ...message,
        content: message.content.map((part) =>
          part.type === 'tool-call'
            ? {
                ...part,
                toolName: legalName(part.toolName),
                input: exactArguments.of(part.toolCallId, part.input),
              }
            : part,
        ),
      }
    }
    if (message.role !== 'tool') return message
    return {
      ...message,
      content: message.content.map((part) =>
        part.type === 'tool-result' ? { ...part, toolName: legalName(part.toolName) } : part,
      ),
    }
  })
}

/** The name of a tool in the characters that providers allow. */
export function legalName(name: string): string {
  if (LEGAL_NAME.test(name)) return name
  const legal = name
    .trim()
    .replaceAll(/[^a-zA-Z0-9_-]+/g, '_')
    .slice(0, 64)
  return legal === '' || legal === '_' ? 'unknown_tool' : legal
}
