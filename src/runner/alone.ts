import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { claimSuspect } from '../tasks/claim.ts'
import { COMMAND_CHANNEL, decodeCommand } from '../tasks/follow/channels.ts'
import { createSettler } from '../tasks/settle.ts'
import { createStepWriter } from '../tasks/steps.ts'
import { createExecute, type ExecuteParts } from './execute.ts'
import { createListeners } from './listeners.ts'
import { RunStopped } from './persist.ts'
import { openSession } from './session.ts'

/** The task to run alone, and the worker that started this process. */
export type AloneTask = { taskId: string; parentId: number }

export type AloneParts = AloneTask &
  Pick<ExecuteParts, 'run' | 'memory' | 'priceOf' | 'callbackAddress' | 'telemetry' | 'log'> & {
    db: Database
    url: string
    signals: Signals
    leaseSeconds: number
    /** Aborted when this process must stop: the task is handed back. */
    signal: AbortSignal
  }

/**
 * Runs one suspect in this process, which does nothing else: its own session, one claim, one run. If the run crashes
 * the process, no other run is affected, and the worker that started it knows the task.
 */
export async function runAlone(parts: AloneParts): Promise<void> {
  const { db, signals, taskId, parentId, signal, log } = parts
  const session = await openSession(db, parts.url, {
    leaseSeconds: parts.leaseSeconds,
    parentId,
    onError: (error) => log.warn({ err: error }, 'heartbeat failed'),
  })
  try {
    const task = await claimSuspect(db, { workerId: session.workerId, taskId })
    if (!task) return
    log.warn({ task_id: taskId }, 'running this task alone because its workers died repeatedly')
    const abort = new AbortController()
    const stop = (why: RunStopped['why']) => () => abort.abort(new RunStopped(why))
    session.lost.addEventListener('abort', stop('lease_lost'))
    if (session.lost.aborted) stop('lease_lost')()
    signal.addEventListener('abort', stop('shutdown'))
    if (signal.aborted) stop('shutdown')()
    const unsubscribe = await signals.subscribe(COMMAND_CHANNEL, {
      onMessage(message) {
        const command = decodeCommand(message)
        if (command?.id === taskId && command.type === 'cancel') stop('cancelled')()
      },
    })
    const listeners = await createListeners(signals)
    try {
      const settler = createSettler({ db, signals })
      const stepWriter = createStepWriter({ db, signals })
      const execute = createExecute({ ...parts, lost: session.lost, listeners, settler, stepWriter })
      await execute(task, abort.signal)
    } finally {
      listeners.stop()
      unsubscribe()
    }
  } finally {
    await session.close()
  }
}
