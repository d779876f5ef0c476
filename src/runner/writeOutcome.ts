import { errorKind } from '../db/errorKind.ts'
import { releaseNext } from '../tasks/conversations/releaseNext.ts'
import type { ClaimedTask } from '../tasks/claim.ts'
import { encodeUpdate, UPDATE_CHANNEL } from '../tasks/follow/channels.ts'
import type { Settler } from '../tasks/settle.ts'
import { wasSettled } from '../tasks/wasSettled.ts'
import type { Log } from '../telemetry/log.ts'
import { unwritable, type Outcome } from './outcome.ts'
import { persist } from './persist.ts'
import { countOutcome, summarize } from './reportOutcome.ts'
import type { RunTaskParts } from './runTask.ts'
import type { WorkerTelemetry } from './workerTelemetry.ts'

export type WriteOutcomeParts = Pick<RunTaskParts, 'db' | 'signals' | 'lost'> & {
  settler: Settler
  telemetry: Pick<WorkerTelemetry, 'runs'>
  log: Log
}

/**
 * Writes the outcome of a run, then releases the next task of its conversation, or queues the task again for a request
 * that has joined. Never rejects: an outcome that cannot be written leaves the task to be handed back. `elapsedMs`: how
 * long the run has taken by now.
 */
export async function writeOutcome(
  parts: WriteOutcomeParts,
  { task, outcome, elapsedMs }: { task: ClaimedTask; outcome: Outcome; elapsedMs: () => number },
): Promise<void> {
  const { log } = parts
  try {
    let written = outcome
    const settled = await settle(parts, task, outcome).catch((error: unknown) => {
      const kind = errorKind(error)
      // An unavailable database does not make the result invalid: the next worker has the journal.
      if (outcome.kind !== 'succeeded' || kind === 'unavailable' || kind === 'conflict') throw error
      log.error({ err: error }, 'the result could not be written; the task fails')
      written = unwritable(outcome.usage)
      return settle(parts, task, written)
    })
    if (settled) {
      log.info(summarize(written), 'task settled')
      countOutcome(parts.telemetry.runs, written, elapsedMs() / 1_000)
      await releaseSuccessor(parts, task, written)
    } else if (outcome.kind === 'succeeded' && (await continueWithJoined(parts, task))) {
      log.info('a request has joined the task: the run continues')
    } else log.warn('late result dropped: this worker no longer holds the task')
  } catch (error) {
    log.error({ err: error }, 'the outcome could not be written; the task is handed back')
  }
}

/**
 * Queues a task again whose run ended just as a request joined it: from its journal, the run gets to the same point and
 * continues with that request.
 *
 * @returns false when this worker no longer holds the task
 */
async function continueWithJoined({ settler, lost }: WriteOutcomeParts, task: ClaimedTask): Promise<boolean> {
  if (task.conversationId === undefined) return false
  return persist(lost, () => settler.requeue(task, { kind: 'joined' }))
}

/** Starts the next task of the conversation. */
async function releaseSuccessor(
  { db, signals, log }: WriteOutcomeParts,
  { conversationId, turn }: ClaimedTask,
  { kind }: Outcome,
): Promise<void> {
  if (conversationId === undefined || turn === undefined) return
  if (kind !== 'succeeded' && kind !== 'failed') return
  await releaseNext({ db, signals }, [conversationId]).catch((error: unknown) =>
    log.warn({ err: error }, 'the next task of a conversation will be released a little later'),
  )
}

/** @returns false when this worker no longer holds the task, and the outcome is not its own */
async function settle(parts: WriteOutcomeParts, task: ClaimedTask, outcome: Outcome): Promise<boolean> {
  let tries = 0
  const settled = await persist(parts.lost, () => {
    tries += 1
    switch (outcome.kind) {
      case 'succeeded':
      case 'failed':
        return parts.settler.end(task, outcome)
      case 'paused':
        return parts.settler.pause(task, outcome)
      default:
        return parts.settler.requeue(task, outcome)
    }
  })
  if (settled || tries === 1) return settled
  // The response to an earlier attempt may have been lost after its commit, and the notification with it.
  const wrote = await persist(parts.lost, () => wasSettled(parts.db, task, outcome.kind))
  if (wrote) parts.signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: task.taskId, type: 'changed' }))
  return wrote
}
