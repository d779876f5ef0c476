import { startApi } from '../src/app/api.ts'
import { loadConfig } from '../src/config/load.ts'
import { resolveSecretKey } from '../src/config/secretKey.ts'
import { createLog } from '../src/telemetry/log.ts'

// The front door in a process of its own, as `bellwire api` runs it; prints the URL of the demo agent's webhook.
const config = loadConfig()
if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is needed')
const api = await startApi({
  config,
  databaseUrl: config.databaseUrl,
  secretKey: await resolveSecretKey(config),
  log: createLog(config, { process: 'api' }),
})
const webhookUrl = /curl (\S+)/.exec(api.demo?.curl ?? '')?.[1]
process.stdout.write(`${JSON.stringify({ webhookUrl })}\n`)
process.once('SIGTERM', () => void api.stop().then(() => process.exit(0)))
