import type { Config } from '../config/config.ts'
import { resolveSecretKey } from '../config/secretKey.ts'
import { createLog } from '../telemetry/log.ts'
import { checkAddress } from './checkAddress.ts'
import { requireDatabaseUrl } from './database.ts'
import { describeModels } from './describeModels.ts'
import { prepareDatabase } from './prepareDatabase.ts'
import { printWithKey } from './printWithKey.ts'
import { startReachableApi } from './startReachableApi.ts'
import { createStopSignal } from './stopSignal.ts'

/** Runs only the API, until a signal stops it. Workers run elsewhere, on the same database. */
export async function runApi(config: Config): Promise<void> {
  const databaseUrl = requireDatabaseUrl(config, 'api')
  const log = createLog(config, { process: 'api' })
  await using running = new AsyncDisposableStack()
  const stopSignal = createStopSignal(log)
  running.defer(stopSignal.dispose)
  await checkAddress(config)
  await prepareDatabase(databaseUrl, log, stopSignal.signal)

  const secretKey = await resolveSecretKey(config)
  const api = await startReachableApi({ config, databaseUrl, secretKey, log }, stopSignal.signal)
  running.defer(api.stop)
  const key = api.adminKey && `Admin key (shown only once, save it): ${api.adminKey}\n`
  const console = `Console (sign-in link: works once, within 10 minutes): ${api.consoleLink}\n`
  void printWithKey(`${key ?? ''}${console}`, api, log)
  log.info(
    { url: api.url, models: describeModels(config.providers, api.demo?.model, api.savedProviders) },
    'the API is ready',
  )
  await stopSignal.wanted
}
