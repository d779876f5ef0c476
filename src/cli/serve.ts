import { startApi } from '../app.ts'
import type { Config } from '../config/config.ts'
import { deriveSecretKey, readSecretKey } from '../config/secretKey.ts'
import { startEmbedded } from '../db/embedded/start.ts'
import { createLog } from '../telemetry/log.ts'
import { renderBanner } from './banner.ts'
import { explainListenError } from './listenError.ts'
import { prepareDatabase } from './prepareDatabase.ts'
import { createStopSignal } from './stopSignal.ts'
import { createStopStack } from './stopStack.ts'
import { readVersion } from './version.ts'
import { startWorkerProcess } from './workerProcess.ts'

/**
 * Runs everything on this machine: the database, the API in this process, the worker in one of its own.
 * Resolves when a signal has asked it to stop and all of it has stopped.
 */
export async function serve(config: Config, { program }: { program: string }): Promise<void> {
  const log = createLog(config, { process: 'api' })
  const stopSignal = createStopSignal(log)
  const running = createStopStack()
  try {
    let databaseUrl = config.databaseUrl
    if (databaseUrl === undefined) {
      const embedded = await startEmbedded({ dataDir: config.dataDir, log })
      running.add(() => embedded.stop())
      databaseUrl = embedded.url
    }
    await prepareDatabase(databaseUrl, log, stopSignal.signal)

    const secretText = await readSecretKey(config)
    const secretKey = deriveSecretKey(secretText)
    const api = await startApi({ config, databaseUrl, secretKey, log }).catch((error: unknown) => {
      throw explainListenError(error, config)
    })
    running.add(() => api.stop())

    const worker = startWorkerProcess({
      program,
      environment: { DATABASE_URL: databaseUrl, BELLWIRE_SECRET_KEY: secretText },
      graceSeconds: config.shutdownGraceSeconds,
      log,
    })
    running.add(() => worker.stop())

    const data = config.databaseUrl === undefined ? config.dataDir : 'the database of DATABASE_URL'
    const facts = { version: readVersion(), url: api.url, data, adminKey: api.adminKey, demo: api.demo }
    process.stdout.write(renderBanner(facts, { styled: process.stdout.isTTY }))
    await stopSignal.wanted
  } finally {
    await running.stopAll()
    stopSignal.dispose()
    log.info('stopped')
  }
}
