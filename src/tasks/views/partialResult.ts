import type { RunResult, ToolCall } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { member, textsOf } from '../follow/stepTexts.ts'
import { showText, showValue } from './showStep.ts'
import { mapSteps } from './shownSteps.ts'
import type { Step } from '../../contract/step.ts'

type Shown = Pick<Step, 'kind' | 'name' | 'state' | 'step' | 'input' | 'output'>

/** What a step adds to the partial result; undefined if nothing. */
type Part = { call: ToolCall } | { answer: string; thought: string; isCut: boolean } | undefined

/**
 * Reads the partial result of a failed or cancelled run from its journal; null if there is none. The answer is the
 * model's last text.
 */
export async function readPartialResult(db: Database, taskId: string): Promise<RunResult | null> {
  return joinParts(await mapSteps(db, taskId, partOf))
}

/** The partial result that the steps of a journal make. */
export function partialResult(steps: readonly Shown[]): RunResult | null {
  return joinParts(steps.map(partOf))
}

/** A summary of the conversation, before the first step, is not an answer. */
function partOf(step: Shown): Part {
  if (step.kind === 'tool') return { call: toToolCall(step) }
  if (step.kind !== 'model' || step.state !== 'done' || step.step < 0) return undefined
  const isCut = member(member(step.output, 'finishReason'), 'unified') === 'length'
  return { ...textsOf(step.output), isCut }
}

function joinParts(parts: readonly Part[]): RunResult | null {
  if (parts.length === 0) return null
  const said = parts.flatMap((part) => (part && 'answer' in part ? part : []))
  const texts = joinCut(said).filter((text) => text.trim() !== '')
  const thoughts = said.map(({ thought }) => thought).filter((text) => text !== '')
  return {
    answer: showText(texts.at(-1) ?? ''),
    sources: [],
    tool_calls: parts.flatMap((part) => (part && 'call' in part ? part.call : [])),
    thought: showText(thoughts.join('\n\n')),
  }
}

/** The model's text: an answer that was truncated continues in the next call, and both are one text. */
function joinCut(answers: readonly { answer: string; isCut: boolean }[]): string[] {
  const texts: string[] = []
  let wasCut = false
  for (const { answer, isCut } of answers) {
    if (wasCut) texts.push((texts.pop() ?? '') + answer)
    else texts.push(answer)
    wasCut = isCut
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
