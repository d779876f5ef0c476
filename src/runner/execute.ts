import type { AgentConfig } from '../contract/agent.ts'
import type { Database } from '../db/database.ts'
import { errorKind } from '../db/errorKind.ts'
import { keepTurn } from '../tasks/conversations/keepTurn.ts'
import { releaseNext } from '../tasks/conversations/releaseNext.ts'
import { readRevision, type ClaimedTask } from '../tasks/claim.ts'
import { encodeUpdate, UPDATE_CHANNEL } from '../tasks/follow/channels.ts'
import { readReplay } from '../tasks/replay/readReplay.ts'
import type { Settler } from '../tasks/settle.ts'
import { wasSettled } from '../tasks/wasSettled.ts'
import type { Log } from '../telemetry/log.ts'
import { countOutcome, outcomeOf, storableResult, summarize, unwritable, type Outcome } from './outcome.ts'
import { persist } from './persist.ts'
import { isReplay, runTask, type RunTaskParts } from './runTask.ts'
import { traceQueue, type WorkerTelemetry } from './workerTelemetry.ts'

export type ExecuteParts = RunTaskParts & {
  settler: Settler
  telemetry: Pick<WorkerTelemetry, 'runs' | 'tracer'>
  log: Log
}

/** Runs one claimed task and writes its outcome. Never rejects. */
export type Execute = (task: ClaimedTask, signal: AbortSignal) => Promise<void>

export function createExecute(parts: ExecuteParts): Execute {
  const revision = createRevisionCache(parts.db)

  return async (task, signal) => {
    const log = parts.log.child({ task_id: task.taskId, attempt: task.attempt })
    log.info({ agent_id: task.agentId }, 'task started')
    parts.telemetry.runs.transition('STARTED', 'claimed')
    traceQueue(parts.telemetry.tracer, task)
    if (parts.listeners.isWatched(task.taskId)) {
      parts.signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: task.taskId, type: 'changed' }))
    }
    const started = performance.now()
    const elapsedMs = (): number => task.elapsedMs + performance.now() - started
    let config: AgentConfig | undefined
    let outcome: Outcome | undefined
    try {
      const replay = isReplay(task)
        ? await persist(signal, () => readReplay(parts.db, task.taskId))
        : undefined
      config = replay?.config ?? (await persist(signal, () => revision(task.agentId, task.revision)))
      const { result, usage, said } = await runTask(parts, { task, config, replay }, signal)
      // Before the end: whatever has succeeded is seen by the next task.
      if (task.conversationId !== undefined && said) {
        await persist(signal, () => keepTurn(parts.db, task.taskId, said.message))
      }
      outcome = { kind: 'succeeded', result: storableResult(result), usage, joined: said?.joined ?? 0 }
    } catch (error) {
      outcome = outcomeOf(error, { task, config, signal, log, elapsedMs: elapsedMs() })
    }
    if (!outcome) {
      log.warn('late result dropped: this worker no longer holds the task')
      return
    }
    try {
      const settled = await settle(parts, task, outcome, signal).catch((error: unknown) => {
        const kind = errorKind(error)
        // An unavailable database does not make the result invalid: the next worker has the journal.
        if (outcome.kind !== 'succeeded' || kind === 'unavailable' || kind === 'conflict') throw error
        log.error({ err: error }, 'the result could not be written; the task fails')
        return settle(parts, task, unwritable(outcome.usage), signal)
      })
      if (settled) {
        log.info(summarize(outcome), 'task settled')
        countOutcome(parts.telemetry.runs, outcome, elapsedMs() / 1_000)
        await releaseSuccessor(parts, task, outcome)
      } else if (outcome.kind === 'succeeded' && (await continueWithJoined(parts, task, signal))) {
        log.info('a request has joined the task: the run continues')
      } else log.warn('late result dropped: this worker no longer holds the task')
    } catch (error) {
      log.error({ err: error }, 'the outcome could not be written; the task is handed back')
    }
  }
}

/**
 * Queues a task again whose run ended just when a request joined it: from its journal it comes to the same point, and
 * goes on with that request.
 *
 * @returns false when this worker no longer holds the task
 */
async function continueWithJoined(
  { settler }: ExecuteParts,
  task: ClaimedTask,
  signal: AbortSignal,
): Promise<boolean> {
  if (task.conversationId === undefined) return false
  return persist(signal, () => settler.requeue(task, { kind: 'joined' }))
}

/** Starts the next task of the conversation. */
async function releaseSuccessor(
  { db, signals, log }: ExecuteParts,
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
async function settle(
  parts: ExecuteParts,
  task: ClaimedTask,
  outcome: Outcome,
  signal: AbortSignal,
): Promise<boolean> {
  let tries = 0
  const settled = await persist(signal, () => {
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
  // The response to an earlier try may have been lost after its commit, and with it the notification.
  const wrote = await persist(signal, () => wasSettled(parts.db, task, outcome.kind))
  if (wrote) parts.signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: task.taskId, type: 'changed' }))
  return wrote
}

/** Revisions never change: each is read once. */
function createRevisionCache(db: Database, maxEntries = 1_000) {
  const cache = new Map<string, AgentConfig>()
  return async (agentId: string, revision: number): Promise<AgentConfig> => {
    const key = `${agentId} ${revision}`
    const known = cache.get(key)
    if (known) return known
    const config = await readRevision(db, agentId, revision)
    if (cache.size >= maxEntries) cache.clear()
    cache.set(key, config)
    return config
  }
}
