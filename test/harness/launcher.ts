import pino from 'pino'
import { startEmbedded } from '../../src/db/embedded/start.ts'

// A launcher in a separate process, for tests that kill it: `node test/harness/launcher.ts DATA_DIR`.
const [dataDir = ''] = process.argv.slice(2)
const server = await startEmbedded({ dataDir, log: pino({ level: 'silent' }), settings: { fsync: 'off' } })
process.stdout.write(`${JSON.stringify({ url: server.url, attached: server.attached })}\n`)
setInterval(() => undefined, 60_000)
