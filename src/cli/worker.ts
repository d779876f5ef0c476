import { startWorker } from '../app/worker.ts'
import type { Config } from '../config/config.ts'
import { resolveSecretKey } from '../config/secretKey.ts'
import { createLog } from '../telemetry/log.ts'
import { createStartAlone } from './aloneProcess.ts'
import { requireDatabaseUrl } from './database.ts'
import { prepareDatabase } from './prepareDatabase.ts'
import { createStopSignal } from './stopSignal.ts'
import { untilReachable } from './untilReachable.ts'
import { startWatchdog } from './watchdog.ts'

const STANDS_STILL =
  "[worker] one run blocked the event loop for too long, in an agent's pattern or template or with a very large " +
  'value. This process exits; its tasks continue in another one.'

/**
 * Runs a worker until a signal stops it, or the process that started it exits. Throws the error that ended it
 * otherwise, such as the loss of its lease: the caller should start a new process.
 */
export async function runWorker(config: Config, { program }: { program: string }): Promise<void> {
  const databaseUrl = requireDatabaseUrl(config, 'worker')
  const log = createLog(config, { process: 'worker' })
  await using running = new AsyncDisposableStack()
  const watchdog = startWatchdog({ seconds: config.workerLeaseSeconds, line: STANDS_STILL })
  running.defer(watchdog.stop)
  const stopSignal = createStopSignal(log)
  running.defer(stopSignal.dispose)
  await prepareDatabase(databaseUrl, log, stopSignal.signal)

  const secretKey = await resolveSecretKey(config)
  const startAlone = createStartAlone({ program, log })
  const worker = await untilReachable(
    () => startWorker({ config, databaseUrl, secretKey, log, startAlone }),
    {
      log,
      signal: stopSignal.signal,
    },
  )
  running.defer(worker.stop)
  const failure = await Promise.race([worker.ended, stopSignal.wanted.then(() => undefined)])
  if (failure) throw failure
}
