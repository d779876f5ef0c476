import type { RunResult, ToolCall } from '../../contract/task.ts'
import { member, textsOf } from '../follow/stepTexts.ts'
import { showText, showValue } from './showStep.ts'
import type { Step } from '../../contract/step.ts'

type Shown = Pick<Step, 'kind' | 'name' | 'state' | 'step' | 'input' | 'output'>

/**
 * The partial result of a failed or cancelled run, from its journal; null if there is none. The answer is the model's
 * last text.
 */
export function partialResult(steps: readonly Shown[]): RunResult | null {
  if (steps.length === 0) return null
  const said = steps.filter(isAnswered)
  const texts = joinCut(said).filter((text) => text.trim() !== '')
  const thoughts = said.map(({ output }) => textsOf(output).thought).filter((text) => text !== '')
  return {
    answer: showText(texts.at(-1) ?? ''),
    sources: [],
    tool_calls: steps.filter(({ kind }) => kind === 'tool').map(toToolCall),
    thought: showText(thoughts.join('\n\n')),
  }
}

/** A summary of the conversation, before the first step, is no answer. */
function isAnswered({ kind, state, step }: Shown): boolean {
  return kind === 'model' && state === 'done' && step >= 0
}

/** The model's text: an answer that was truncated continues in the next call, and both are one text. */
function joinCut(answers: readonly Shown[]): string[] {
  const texts: string[] = []
  let isCut = false
  for (const answer of answers) {
    const text = textsOf(answer.output).answer
    if (isCut) texts.push((texts.pop() ?? '') + text)
    else texts.push(text)
    isCut = member(member(answer.output, 'finishReason'), 'unified') === 'length'
  }
  return texts
}

function toToolCall({ name, state, input, output }: Shown): ToolCall {
  const call = { name, arguments: showValue(member(input, 'arguments')) }
  if (state === 'started') return { ...call, error: 'The call was under way when the run ended.' }
  if (state === 'done') return { ...call, result: showValue(member(output, 'result')) }
  const error = member(output, 'error')
  return { ...call, error: typeof error === 'string' ? showText(error) : 'The call failed.' }
}
