import { randomBytes } from 'node:crypto'
import { startApi } from '../src/app.ts'
import { loadConfig } from '../src/config/load.ts'
import { createLog } from '../src/telemetry/log.ts'

// The front door alone, as the program runs it: runs are held back because no worker is started.
const config = loadConfig()
if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is needed')
const log = createLog(config, { process: 'api' })
const api = await startApi({ config, databaseUrl: config.databaseUrl, secretKey: randomBytes(32), log })
const webhookUrl = /curl (\S+)/.exec(api.demo?.curl ?? '')?.[1]
process.stdout.write(`${JSON.stringify({ webhookUrl })}\n`)
process.once('SIGTERM', () => void api.stop().then(() => process.exit(0)))
