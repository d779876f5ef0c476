import type { LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { hasLongNumber, parseExact } from '../../contract/exactJson.ts'

/** Arguments of tool calls as the model wrote them, where parsing has lost digits of a number. */
export type ExactArguments = {
  /** Reads an answer before its calls are made. */
  note(answer: LanguageModelV4GenerateResult): void
  /** The arguments of a call with all digits; for a call that lost none, those given. */
  of(toolCallId: string, args: unknown): unknown
}

export function createExactArguments(): ExactArguments {
  const exact = new Map<string, unknown>()

  return {
    note({ content }) {
      for (const part of content) {
        if (part.type !== 'tool-call' || !hasLongNumber(part.input)) continue
        const [lossy, whole] = parseBoth(part.input)
        const text = JSON.stringify(lossy)
        if (JSON.stringify(whole) !== text) exact.set(`${part.toolCallId}\n${text}`, whole)
      }
    },
    of(toolCallId, args) {
      return exact.size === 0 ? args : (exact.get(`${toolCallId}\n${JSON.stringify(args)}`) ?? args)
    },
  }
}

/** Nothing twice, for what is no JSON. */
function parseBoth(text: string): [lossy: unknown, whole: unknown] {
  try {
    return [JSON.parse(text), parseExact(text)]
  } catch {
    return [undefined, undefined]
  }
}
