import { generateText } from 'ai'
import type { Turn } from '../../contract/conversation.ts'
import { delimit } from '../prompt/delimit.ts'
import { journaledModel, type ModelCallOptions } from '../modelCalls/modelCall.ts'
import { sha256 } from '../stepKey.ts'

const INSTRUCTIONS =
  'You keep the minutes of a conversation between a user and an assistant. Write one summary of all that you are given: ' +
  'what was asked, what was answered, decisions, names, numbers, ids, and what is still open. Facts only, no comment. ' +
  'Answer with the summary alone.'

/**
 * Makes a summary of turns, and of the summary before; a step of its own, from the journal if it is there. `key` names it
 * there.
 */
export type Summarise = (summary: string, turns: readonly Turn[]) => Promise<{ text: string; key: string }>

/** Before the first step of the run. */
export const BEFORE_FIRST = -1

/**
 * Creates the function that summarises for one run.
 *
 * @param call how the model of the run is called
 * @param maxChars how long the summary should be
 */
export function createSummarise(
  call: Omit<ModelCallOptions, 'recordPrompt' | 'responseFormat'>,
  maxChars: number,
): Summarise {
  const { context } = call
  // Nobody who follows the run takes a summary for its answer.
  const quiet = { ...context, onModelCall: undefined, onPiece: undefined, isWatched: () => false }

  return async (summary, turns) => {
    const text = transcript(summary, turns)
    const prompt = delimit(text, 'the conversation', context.firstTaskId)
    const user = `${prompt}\n\nWrite the summary, in at most ${Math.max(50, Math.floor(maxChars / 8))} words.`
    const fingerprint = sha256(`${INSTRUCTIONS}\n${user}`).slice(0, 32)
    const key = `conversation/summary/${fingerprint}`
    const { text: answer } = await generateText({
      model: journaledModel(BEFORE_FIRST, {
        ...call,
        context: quiet,
        key,
        responseFormat: undefined,
        recordPrompt: () => ({ messages: 2, fingerprint, system: INSTRUCTIONS, user }),
        ignoreToolCalls: true,
      }),
      instructions: INSTRUCTIONS,
      messages: [{ role: 'user', content: user }],
      maxRetries: 0,
      telemetry: { isEnabled: false },
      abortSignal: context.stop.signal,
    })
    context.state.lastAnswer = undefined
    // A model that says nothing must not make the run forget: then the texts themselves are cut to size.
    return { text: answer.trim() === '' ? text : answer.trim(), key }
  }
}

function transcript(summary: string, turns: readonly Turn[]): string {
  const said = turns.map(({ message, answer }) => `User:\n${message}\n\nAssistant:\n${answer}`)
  return [...(summary === '' ? [] : [`Summary of what was said before:\n${summary}`]), ...said].join('\n\n')
}
