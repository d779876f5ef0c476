import type { AgentConfig } from '../contract/agent.ts'
import type { Database } from '../db/database.ts'
import { keepTurn } from '../tasks/conversations/keepTurn.ts'
import { readRevision, type ClaimedTask } from '../tasks/claim.ts'
import { encodeUpdate, UPDATE_CHANNEL } from '../tasks/follow/channels.ts'
import { readReplay } from '../tasks/replay/readReplay.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import { persist } from './persist.ts'
import { isReplay, runTask, type RunTaskParts } from './runTask.ts'
import { traceQueue, type WorkerTelemetry } from './workerTelemetry.ts'
import { writeOutcome, type WriteOutcomeParts } from './writeOutcome.ts'

export type ExecuteParts = RunTaskParts &
  WriteOutcomeParts & { telemetry: Pick<WorkerTelemetry, 'runs' | 'tracer'> }

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
        ? await persist(parts.lost, () => readReplay(parts.db, task.taskId))
        : undefined
      config = replay?.config ?? (await persist(parts.lost, () => revision(task.agentId, task.revision)))
      const { result, usage, said } = await runTask(parts, { task, config, replay }, signal)
      // Before the end: whatever has succeeded is seen by the next task.
      if (task.conversationId !== undefined && said) {
        await persist(parts.lost, () => keepTurn(parts.db, task, said.message))
      }
      outcome = { kind: 'succeeded', result, usage, joined: said?.joined ?? 0 }
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
