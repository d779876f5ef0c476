import { runTaskAlone } from '../app/worker.ts'
import type { Config } from '../config/config.ts'
import { resolveSecretKey } from '../config/secretKey.ts'
import { createLog } from '../telemetry/log.ts'
import { requireDatabaseUrl } from './database.ts'
import { createStopSignal } from './stopSignal.ts'
import { startWatchdog } from './watchdog.ts'

const STANDS_STILL =
  '[alone] the event loop was blocked for too long by the one task that runs here. This process ends, and the task ' +
  'with it.'

/** Runs one task and exits. Workers start this for tasks that have crashed their processes repeatedly. */
export async function runAlone(config: Config, task: { taskId: string; parentId: number }): Promise<void> {
  const databaseUrl = requireDatabaseUrl(config, 'run-alone')
  const log = createLog(config, { process: 'alone' })
  await using running = new AsyncDisposableStack()
  const watchdog = startWatchdog({ seconds: config.workerLeaseSeconds, line: STANDS_STILL })
  running.defer(watchdog.stop)
  const stopSignal = createStopSignal(log)
  running.defer(stopSignal.dispose)
  const secretKey = await resolveSecretKey(config)
  await runTaskAlone({ config, databaseUrl, secretKey, log }, { ...task, signal: stopSignal.signal })
}
