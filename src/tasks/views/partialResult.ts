import type { RunResult, ToolCall } from '../../contract/task.ts'
import { textsOf } from '../follow/stepTexts.ts'
import { showText, showValue } from './showStep.ts'
import type { StepRow } from '../steps.ts'

type Step = Pick<StepRow, 'kind' | 'name' | 'state' | 'input' | 'output'>

/**
 * What a run achieved before it came to a bad end, out of its journal; null when that is nothing. The answer is
 * the last thing that the model said.
 */
export function partialResult(steps: readonly Step[]): RunResult | null {
  if (steps.length === 0) return null
  const said = steps
    .filter(({ kind, state }) => kind === 'model' && state === 'done')
    .map(({ output }) => textsOf(output))
  const texts = said.map(({ answer }) => answer).filter((text) => text.trim() !== '')
  const thoughts = said.map(({ thought }) => thought).filter((text) => text !== '')
  return {
    answer: showText(texts.at(-1) ?? ''),
    sources: [],
    tool_calls: steps.filter(({ kind }) => kind === 'tool').map(toToolCall),
    thought: showText(thoughts.join('\n\n')),
  }
}

function toToolCall({ name, state, input, output }: Step): ToolCall {
  const call = { name, arguments: showValue(member(input, 'arguments')) }
  if (state === 'started') return { ...call, error: 'The call was under way when the run ended.' }
  if (state === 'done') return { ...call, result: showValue(member(output, 'result')) }
  const error = member(output, 'error')
  return { ...call, error: typeof error === 'string' ? showText(error) : 'The call failed.' }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
