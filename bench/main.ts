import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openDatabase } from '../src/db/database.ts'
import { startEmbedded } from '../src/db/embedded/start.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { installQueue } from '../src/queue/queue.ts'
import { benchAccept } from './accept.ts'

// `npm run bench`: figures against a baseline of the same run, on a database of its own with fsync on.
const dataDir = await mkdtemp(join(tmpdir(), 'bellwire-bench-'))
const server = await startEmbedded({ dataDir, log: pino({ level: 'silent' }) })
try {
  const db = openDatabase(server.url, { name: 'bench', onError: () => undefined })
  await migrateDatabase(db)
  await installQueue(db)
  await db.close()

  process.stdout.write(
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}\n\n`,
  )
  process.stdout.write('| figure | value | ratio to a bare echo |\n| --- | --- | --- |\n')
  const accept = await benchAccept(server.url, { connections: 64 })
  process.stdout.write(
    `| durable accepts, 64 connections, runs held back | ${accept.accepts.toFixed(0)}/s (echo ${accept.echoes.toFixed(0)}/s), ` +
      `p99 ${accept.p99Ms} ms | ${accept.ratio.toFixed(3)} |\n`,
  )
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
