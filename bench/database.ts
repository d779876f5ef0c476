import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { openDatabase } from '../src/db/database.ts'
import { startEmbedded } from '../src/db/embedded/start.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { postmasterPid } from '../test/chaos/postmaster.ts'

export type BenchServer = {
  /** Creates an empty database with the full schema; returns its URL. */
  createDatabase(name: string): Promise<string>
  /** The server's first process; all others are its children. */
  pid: number
  stop(): Promise<void>
}

/** Starts the embedded server as the program does, with fsync on and its own data directory. */
export async function startBenchServer(): Promise<BenchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bellwire-bench-'))
  const server = await startEmbedded({ dataDir, log: pino({ level: 'silent' }) })
  return {
    pid: await postmasterPid(dataDir),
    async createDatabase(name) {
      await query(server.url, `create database "${name}"`)
      const url = server.url.replace('/bellwire?', `/${name}?`)
      const db = openDatabase(url, { name: 'bench', onError: () => undefined })
      await migrateDatabase(db)
      await db.close()
      return url
    },
    async stop() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Runs one statement on a database. */
export async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
