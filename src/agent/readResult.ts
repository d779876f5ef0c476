import type { RunResult } from '../contract/task.ts'
import type { CompiledAgent } from './compileAgent.ts'
import type { Loop, Steps } from './loop.ts'
import { parseOutput } from './outputSchema.ts'
import { toRunResult } from './result.ts'
import type { RunContext } from './runContext.ts'
import { RunFailure } from './runFailure.ts'
import { RunPause } from './runPause.ts'

/**
 * Makes the result of a run out of what the model has said. An answer that does not fit the output schema is
 * sent back once, if there is a step left for it.
 *
 * @throws RunFailure `step_limit`, `answer_cut`, `content_refused`, `output_invalid`; RunPause when calls wait for
 * people
 */
export async function readResult(agent: CompiledAgent, loop: Loop, context: RunContext): Promise<RunResult> {
  const steps = await loop.run()
  refuseUnfinished(steps, context)
  if (context.undecided.length > 0) throw new RunPause(context.undecided)
  const { checkOutput } = agent
  if (!checkOutput) return toRunResult(steps)

  const output = await parseOutput(lastText(steps, context), checkOutput)
  if (output.ok) return { ...toRunResult(steps), output: output.value }
  if (steps.length >= context.limits.max_steps) {
    throw new RunFailure('output_invalid', `${output.complaint} No step was left to ask again.`)
  }
  const all = [...steps, ...(await loop.askAgain(repairMessage(output.complaint)))]
  refuseUnfinished(all, context)
  const repaired = await parseOutput(lastText(all, context), checkOutput)
  if (repaired.ok) return { ...toRunResult(all), output: repaired.value }
  throw new RunFailure('output_invalid', `${repaired.complaint} The model had been asked a second time.`)
}

function repairMessage(complaint: string): string {
  return (
    `${complaint} Give your answer again, as JSON that matches the schema and with nothing around it. ` +
    'Do not call tools.'
  )
}

function refuseUnfinished(steps: Steps, { modelRef, limits }: RunContext): void {
  const last = steps.at(-1)
  if (!last) return
  if (last.toolCalls.length > 0 && steps.length >= limits.max_steps) {
    throw new RunFailure(
      'step_limit',
      `The run used all of its ${limits.max_steps} steps, and the model still asked for tools.`,
    )
  }
  if (last.finishReason === 'content-filter') {
    throw new RunFailure(
      'content_refused',
      `${modelRef} refused to answer, or a content filter stopped it. Another model may judge differently.`,
    )
  }
  if (last.finishReason === 'length' && (last.text.trim() === '' || last.toolCalls.length > 0)) {
    throw new RunFailure('answer_cut', `${modelRef} stopped at its output limit, before it gave an answer.`)
  }
}

function lastText(steps: Steps, { lastAnswer }: RunContext): string {
  return lastAnswer?.structuredOutputText ?? steps.at(-1)?.text ?? ''
}
