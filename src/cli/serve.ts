import type { Config } from '../config/config.ts'
import { deriveSecretKey, readSecretKey } from '../config/secretKey.ts'
import { startEmbedded } from '../db/embedded/start.ts'
import { createLog, type Log } from '../telemetry/log.ts'
import { renderBanner } from './banner.ts'
import { checkAddress } from './checkAddress.ts'
import { describeModels } from './describeModels.ts'
import { prepareDatabase } from './prepareDatabase.ts'
import { printWithKey } from './printWithKey.ts'
import { startReachableApi } from './startReachableApi.ts'
import { createStopSignal, type StopSignal } from './stopSignal.ts'
import { readVersion } from '../config/version.ts'
import { withOllama } from './withOllama.ts'
import { startWorkerProcess } from './workerProcess.ts'

/**
 * Runs everything on this machine: the database, the API in this process, the worker in a child process. Resolves when
 * a signal has stopped it all.
 */
export async function serve(configured: Config, { program }: { program: string }): Promise<void> {
  const log = createLog(configured, { process: 'api' })
  const config = await withOllama(configured)
  // Undone in reverse order, also when a step fails: the worker first, the database last.
  await using running = new AsyncDisposableStack()
  running.defer(() => log.info('stopped'))
  const stopSignal = createStopSignal(log)
  running.defer(stopSignal.dispose)

  await checkAddress(config)
  const databaseUrl = config.databaseUrl ?? (await startDatabase(config, log, running, stopSignal))
  await prepareDatabase(databaseUrl, log, stopSignal.signal)

  const secretText = await readSecretKey(config)
  const secretKey = deriveSecretKey(secretText)
  const api = await startReachableApi({ config, databaseUrl, secretKey, log }, stopSignal.signal)
  running.defer(api.stop)

  const { local } = config.providers
  const environment = {
    DATABASE_URL: databaseUrl,
    BELLWIRE_SECRET_KEY: secretText,
    ...(local && { LOCAL_MODEL_BASE_URL: local.baseUrl }),
  }
  const graceSeconds = config.shutdownGraceSeconds
  const worker = startWorkerProcess({ program, environment, graceSeconds, log })
  running.defer(worker.stop)

  const data = config.databaseUrl === undefined ? config.dataDir : 'the database in DATABASE_URL'
  const { url, adminKey, consoleLink, demo } = api
  const models = describeModels(config.providers, demo?.model, api.savedProviders)
  const facts = { version: readVersion(), url, data, models, adminKey, consoleLink, demo }
  void printWithKey(renderBanner(facts, { styled: process.stdout.isTTY }), api, log)
  await stopSignal.wanted
}

async function startDatabase(
  config: Config,
  log: Log,
  running: AsyncDisposableStack,
  stopSignal: StopSignal,
): Promise<string> {
  const embedded = await startEmbedded({ dataDir: config.dataDir, log })
  running.defer(embedded.stop)
  void stopSignal.wanted.then(embedded.leave)
  return embedded.url
}
