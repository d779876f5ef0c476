import type { AgentConfig } from '../contract/agent.ts'
import { keepTurn } from '../tasks/conversations/keepTurn.ts'
import type { ClaimedTask } from '../tasks/claim.ts'
import { encodeUpdate, UPDATE_CHANNEL } from '../tasks/follow/channels.ts'
import { createRevisionCache } from '../tasks/revisionCache.ts'
import { readReplay } from '../tasks/replay/readReplay.ts'
import { outcomeOf, storableResult, type Outcome } from './outcome.ts'
import { persist } from './persist.ts'
import { isReplay, runTask, type RunTaskParts } from './runTask.ts'
import { traceQueue, type WorkerTelemetry } from './workerTelemetry.ts'
import { writeOutcome, type WriteOutcomeParts } from './writeOutcome.ts'

/** Revisions of agents that are kept in memory. */
const MAX_REVISIONS = 1_000

export type ExecuteParts = RunTaskParts &
  WriteOutcomeParts & { telemetry: Pick<WorkerTelemetry, 'runs' | 'tracer'> }

/** Runs one claimed task and writes its outcome. Never rejects. */
export type Execute = (task: ClaimedTask, signal: AbortSignal) => Promise<void>

export function createExecute(parts: ExecuteParts): Execute {
  const revision = createRevisionCache(parts.db, { make: (config) => config, maxEntries: MAX_REVISIONS })

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
        ? await persist(parts.lost, () => readReplay(parts.db, task.taskId))
        : undefined
      config = replay?.config ?? (await persist(parts.lost, () => revision(task.agentId, task.revision)))
      const { result, usage, said } = await runTask(parts, { task, config, replay }, signal)
      // Before the end: whatever has succeeded is seen by the next task.
      if (task.conversationId !== undefined && said) {
        await persist(parts.lost, () => keepTurn(parts.db, task, said.message))
      }
      outcome = { kind: 'succeeded', result: storableResult(result), usage, joined: said?.joined ?? 0 }
    } catch (error) {
      outcome = outcomeOf(error, { task, config, signal, log, elapsedMs: elapsedMs() })
    }
    if (!outcome) {
      log.warn('late result dropped: this worker no longer holds the task')
      return
    }
    await writeOutcome({ ...parts, log }, { task, outcome, elapsedMs })
  }
}
