import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { startDatabaseProxy, type DatabaseProxy, type Fault } from './harness/databaseProxy.ts'
import { freePort, MAIN } from './harness/program.ts'
import { waitFor } from './harness/waitFor.ts'

let database: TestDatabase
let proxy: DatabaseProxy

beforeEach(async () => {
  database = await createTestDatabase()
  proxy = await startDatabaseProxy(database.url)
})
afterEach(async () => {
  await proxy.stop()
  await database.drop()
})

/** Cuts the connection instead of every nth response, this many times. */
function cutSome({ every, times }: { every: number; times: number }): Fault {
  let answers = 0
  let cuts = 0
  return () => {
    answers += 1
    if (cuts === times || answers % every !== 0) return false
    cuts += 1
    return true
  }
}

it.each([
  { command: 'api', ready: 'the API is ready', every: 9 },
  { command: 'worker', ready: 'worker ready', every: 5 },
])(
  '"$command" starts although its connections break during the start',
  async ({ command, ready, every }) => {
    proxy.inject(cutSome({ every, times: 5 }))
    const env = {
      PATH: process.env['PATH'] ?? '',
      ...(command === 'api' ? { PORT: String(await freePort()) } : {}),
      DATABASE_URL: proxy.url,
      BELLWIRE_SECRET_KEY: 'a-secret-key-for-one-test',
      BELLWIRE_LOG_FORMAT: 'json',
      OLLAMA_HOST: '127.0.0.1:1',
    }
    const program = execFile(process.execPath, [MAIN, command], { env })
    let logged = ''
    program.stderr?.on('data', (text: string) => (logged += text))
    const ended = once(program, 'exit')
    try {
      await waitFor(() => logged.includes(`"${ready}"`) || program.exitCode !== null, {
        deadlineMs: 40_000,
        what: 'the program to be ready',
      })
      expect(program.exitCode, logged).toBe(null)
      expect(proxy.cuts()).toBe(5)
      expect(logged).toContain('the database cannot be reached yet; waiting')
    } finally {
      program.kill('SIGTERM')
      expect(await ended, logged).toEqual([0, null])
    }
    // Everything that failed attempts opened is closed.
    const { rows } = await database.db.pool.query(
      `select count(*) filter (where ended_at is null)::int as open from bellwire.workers`,
    )
    expect(rows).toEqual([{ open: 0 }])
  },
  60_000,
)
