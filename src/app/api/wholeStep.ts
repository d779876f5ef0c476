import pLimit from 'p-limit'
import type { Recall } from '../../agent/recall/recall.ts'
import type { Database } from '../../db/database.ts'
import type { ReadWholeStep, WholeStep } from '../../http/routes/taskSteps.ts'
import { inputFormOf } from '../../models/inputForm.ts'
import type { ReadProviders } from '../../models/models.ts'
import { readStep, readStepHistory } from '../../tasks/views/stepRecord.ts'

/** Steps that are read at a time: each may be as large as the largest result of a tool. */
const AT_ONCE = 4

/**
 * Makes the function that reads one step of a task, whole. The journal has the input of a tool call, and of a
 * summary; that of any other model call is worked out from the steps before it.
 */
export function createReadWholeStep({
  db,
  recall,
  readProviders,
}: {
  db: Database
  recall: Recall
  readProviders: ReadProviders
}): ReadWholeStep {
  const turns = pLimit(AT_ONCE)

  return (taskId, key) => turns(() => read(taskId, key))

  async function read(taskId: string, key: string): Promise<WholeStep> {
    const row = await readStep(db, taskId, key)
    const { input, output, ...step } = row
    if (row.purgedAt) return { step: row, source: 'purged', input: 'null', output: 'null' }
    const texts = { input: input ?? 'null', output: output ?? 'null' }
    const shown =
      step.kind !== 'model' || step.step < 0
        ? await recall.recorded(texts)
        : await recall.model(async () => {
            const history = await readStepHistory(db, taskId, step.step)
            const form = inputFormOf(history.agent.config.model, await readProviders())
            return { ...history, ...texts, step: step.step, form }
          })
    return { step: row, ...shown }
  }
}
