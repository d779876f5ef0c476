import { runTaskAlone } from '../app/worker.ts'
import type { Config } from '../config/config.ts'
import { resolveSecretKey } from '../config/secretKey.ts'
import { createLog } from '../telemetry/log.ts'
import { NOT_THE_TASK } from './aloneProcess.ts'
import { requireDatabaseUrl } from './database.ts'
import { createStopSignal } from './stopSignal.ts'
import { startWatchdog } from './watchdog.ts'

const STANDS_STILL =
  '[alone] the task in this process blocked the event loop for too long. The process exits, and the task fails.'

/**
 * Runs one task and exits. Workers start this for tasks that have crashed their processes repeatedly.
 *
 * @returns the exit code; a failure means that the task is not to blame, since a run reports its own failures
 */
export async function runAlone(config: Config, task: { taskId: string; parentId: number }): Promise<number> {
  const databaseUrl = requireDatabaseUrl(config, 'run-alone')
  const log = createLog(config, { process: 'alone' })
  await using running = new AsyncDisposableStack()
  const watchdog = startWatchdog({ seconds: config.workerLeaseSeconds, line: STANDS_STILL })
  running.defer(watchdog.stop)
  const stopSignal = createStopSignal(log)
  running.defer(stopSignal.dispose)
  const secretKey = await resolveSecretKey(config)
  try {
    await runTaskAlone({ config, databaseUrl, secretKey, log }, { ...task, signal: stopSignal.signal })
    return 0
  } catch (error) {
    log.warn({ err: error, task_id: task.taskId }, 'this task could not be run alone')
    return NOT_THE_TASK
  }
}
