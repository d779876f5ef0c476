import { startWorker } from '../src/app/worker.ts'
import { loadConfig } from '../src/config/load.ts'
import { resolveSecretKey } from '../src/config/secretKey.ts'
import { createLog } from '../src/telemetry/log.ts'

// A worker in a process of its own, as `bellwire worker` runs it.
const config = loadConfig()
if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is needed')
const worker = await startWorker({
  config,
  databaseUrl: config.databaseUrl,
  secretKey: await resolveSecretKey(config),
  log: createLog(config, { process: 'worker' }),
})
process.stdout.write('{}\n')
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)))
