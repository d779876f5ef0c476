import type { RunResult } from '../../contract/task.ts'
import type { CompiledAgent } from '../compileAgent.ts'
import type { Loop, Steps } from '../loop.ts'
import { parseOutput } from './outputSchema.ts'
import { answerOf, isCut, toRunResult } from './result.ts'
import type { RunContext } from '../runContext.ts'
import { RunFailure } from '../runFailure.ts'
import { RunPause } from '../runPause.ts'

/** Maximum number of steps that continue an answer. A model that never finishes would otherwise use all its steps. */
const MAX_CONTINUATIONS = 5

const CONTINUE =
  'Your answer was cut off at the output limit. Continue it exactly where it stops: repeat nothing, and write nothing ' +
  'around it. Do not call tools.'

const ANSWER = 'Your last message contained no answer. Give your answer now. Do not call tools.'

/**
 * Creates the result of a run from the model's output. A truncated answer is continued, an empty one is requested
 * again, and one that does not match the output schema is sent back once, as long as steps are left.
 *
 * @throws RunFailure `step_limit`, `answer_cut`, `answer_empty`, `content_refused`, `output_invalid`; RunPause when
 * calls wait for people
 */
export async function readResult(agent: CompiledAgent, loop: Loop, context: RunContext): Promise<RunResult> {
  const { checkOutput } = agent
  const steps = [...(await loop.run())]
  const resultOf = (): RunResult => toRunResult([...loop.earlier(), ...steps], context.state.exactArguments)
  refuseUnfinished(steps, context)
  if (context.state.undecided.length > 0) throw new RunPause(context.state.undecided)
  await continueCut(steps, loop, context)
  if (!checkOutput) {
    await fillEmpty(steps, loop, context)
    return resultOf()
  }

  const output = await parseOutput(lastText(steps, context), checkOutput)
  if (output.ok) return { ...resultOf(), output: output.value }
  if (steps.length >= context.limits.max_steps) {
    throw new RunFailure('output_invalid', `${output.complaint} No step was left to ask again.`)
  }
  await ask(repairMessage(output.complaint), steps, loop, context)
  await continueCut(steps, loop, context)
  const repaired = await parseOutput(lastText(steps, context), checkOutput)
  if (repaired.ok) return { ...resultOf(), output: repaired.value }
  throw new RunFailure('output_invalid', `${repaired.complaint} This was its second attempt.`)
}

function repairMessage(complaint: string): string {
  return (
    `${complaint} Give your answer again, as JSON that matches the schema and with nothing around it. ` +
    'Do not call tools.'
  )
}

/** Sends the model a request in an additional step. */
async function ask(message: string, steps: Steps, loop: Loop, context: RunContext): Promise<void> {
  steps.push(...(await loop.askAgain(message)))
  refuseUnfinished(steps, context)
}

/** Lets the model continue an answer truncated at its output limit, until it is complete. */
async function continueCut(steps: Steps, loop: Loop, context: RunContext): Promise<void> {
  const { modelRef, limits } = context
  for (let count = 0; isCut(steps.at(-1)); count++) {
    if (count >= MAX_CONTINUATIONS || steps.length >= limits.max_steps) {
      const left = count >= MAX_CONTINUATIONS ? `after ${count} continuations` : 'and no step was left'
      throw new RunFailure(
        'answer_cut',
        `The answer of ${modelRef} was cut off at its output limit, ${left}. What it wrote is kept as the partial result.`,
      )
    }
    await ask(CONTINUE, steps, loop, context)
  }
}

/** Requests an answer once more when it contains no text. */
async function fillEmpty(steps: Steps, loop: Loop, context: RunContext): Promise<void> {
  if (hasAnswer(steps)) return
  const { modelRef, limits } = context
  const isAskedAgain = steps.length < limits.max_steps
  if (isAskedAgain) {
    await ask(ANSWER, steps, loop, context)
    await continueCut(steps, loop, context)
    if (hasAnswer(steps)) return
  }
  const tried = isAskedAgain ? 'even when asked again' : 'and no step was left to ask again'
  throw new RunFailure('answer_empty', `${modelRef} returned an empty answer, ${tried}.`)
}

/** Whether the run ended with a text: text before tool calls does not count. */
function hasAnswer(steps: Steps): boolean {
  const ending = steps.slice(steps.findLastIndex(({ toolCalls }) => toolCalls.length > 0) + 1)
  return answerOf(ending).trim() !== ''
}

function refuseUnfinished(steps: Steps, { modelRef, limits }: RunContext): void {
  const last = steps.at(-1)
  if (!last) return
  if (last.toolCalls.length > 0 && steps.length >= limits.max_steps) {
    throw new RunFailure(
      'step_limit',
      `The run used all of its ${limits.max_steps} steps, and the model was still calling tools.`,
    )
  }
  if (last.finishReason === 'content-filter') {
    throw new RunFailure(
      'content_refused',
      `${modelRef} refused to answer, or a content filter stopped it. Another model may respond differently.`,
    )
  }
  if (last.finishReason === 'length' && last.toolCalls.length > 0) {
    throw new RunFailure('answer_cut', `${modelRef} reached its output limit in the middle of a tool call.`)
  }
}

function lastText(steps: Steps, { state: { lastAnswer } }: RunContext): string {
  return (
    lastAnswer?.structuredOutputText ?? (isCut(steps.at(-2)) ? answerOf(steps) : (steps.at(-1)?.text ?? ''))
  )
}
