import type { ProcessMemory } from '../agent/processMemory.ts'
import type { RunHold } from '../agent/runMemory.ts'
import { roughSize } from '../contract/roughSize.ts'
import type { Step } from '../contract/step.ts'
import type { Database } from '../db/database.ts'
import type { ClaimedTask } from '../tasks/claim.ts'
import { readRunSize } from '../tasks/runSize.ts'
import { persist } from './persist.ts'

/**
 * Waits until the process has room for the input of a run. Rejects with the reason of the signal.
 *
 * @param steps whether the run reads a journal
 * @returns undefined when the memory is not limited
 */
export async function holdMemory(
  { db, lost, memory }: { db: Database; lost: AbortSignal; memory?: ProcessMemory | undefined },
  { task, steps }: { task: ClaimedTask; steps: boolean },
  signal: AbortSignal,
): Promise<RunHold | undefined> {
  if (!memory) return undefined
  const { taskId, payload } = task
  const body = Boolean(task.request.attachments?.length)
  // Most tasks have neither, and need no query.
  const isKnown = payload && !body && !steps
  const size = isKnown ? payload.length : await persist(lost, () => readRunSize(db, taskId, { body, steps }))
  return memory.openRun(size, signal)
}

/** Counts a step that the run keeps. @param before the row that it replaces, which had the same input */
export function countStep(hold: RunHold | undefined, step: Step, before: Step | undefined): void {
  hold?.keep(roughSize(step.output) + (before ? 0 : roughSize(step.input)))
}
