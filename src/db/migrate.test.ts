import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { ConfigError } from '../config/configError.ts'
import { openDatabase } from './database.ts'
import { isMigrated, migrateDatabase } from './migrate.ts'
import { readMigrations, type Migration } from './migrations.ts'

describe('migrateDatabase', () => {
  const databases: TestDatabase[] = []
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop()
  })
  async function emptyDatabase() {
    const database = await createEmptyDatabase()
    databases.push(database)
    return database
  }

  it('makes the whole schema in an empty database, and changes nothing the second time', async () => {
    const { db } = await emptyDatabase()
    expect(await isMigrated(db)).toBe(false)
    await migrateDatabase(db)
    expect(await isMigrated(db)).toBe(true)
    const before = await appliedMigrations(db.pool)
    await migrateDatabase(db)
    expect(await appliedMigrations(db.pool)).toEqual(before)
    expect(before).toHaveLength((await readMigrations()).length)
  })

  it('is safe when five start at once', async () => {
    const { url } = await emptyDatabase()
    const starters = Array.from({ length: 5 }, () =>
      openDatabase(url, { name: 'starter', onError: () => {} }),
    )
    try {
      await Promise.all(starters.map((db) => migrateDatabase(db)))
      const [first] = starters
      expect(await isMigrated(first!)).toBe(true)
    } finally {
      await Promise.all(starters.map((db) => db.close()))
    }
  })

  it('applies what is new, and nothing of a migration that fails', async () => {
    const { db } = await emptyDatabase()
    const known = await readMigrations()
    const good = migration('9998_good', ['create table bellwire.extra (id int)'])
    const bad = migration('9999_bad', ['create table bellwire.half (id int)', 'select broken'])
    await expect(migrateDatabase(db, [...known, good, bad])).rejects.toThrow('broken')
    const { rows } = await db.pool.query<{ extra: boolean; half: boolean }>(
      `select to_regclass('bellwire.extra') is not null as extra, to_regclass('bellwire.half') is not null as half`,
    )
    expect(rows).toEqual([{ extra: true, half: false }])
  })

  it('moves what waited in the queue of an earlier version', async () => {
    const { db } = await emptyDatabase()
    const known = await readMigrations()
    await migrateDatabase(
      db,
      known.filter(({ name }) => name < '0004'),
    )
    await db.pool.query('create schema bellwire_queue')
    await db.pool.query(
      `create type bellwire_queue.job_state as enum ('created', 'retry', 'active', 'completed', 'cancelled', 'failed')`,
    )
    await db.pool.query(
      'create table bellwire_queue.job (id uuid, name text, state bellwire_queue.job_state, start_after timestamptz, primary key (name, id))',
    )
    const agent = '00000000-0000-7000-8000-000000000000'
    const id = (n: number): string => `00000000-0000-7000-8000-00000000000${n}`
    const add = async (n: number, columns: Record<string, unknown>, dueIn = '0 s') => {
      const all = {
        id: id(n),
        agent_id: agent,
        revision: 1,
        origin: 'webhook',
        payload: '{}',
        request: '{}',
        job_id: id(n),
        ...columns,
      }
      const names = Object.keys(all)
      await db.pool.query(
        `insert into bellwire.tasks (${names.join()}) values (${names.map((_, index) => `$${index + 1}`).join()})`,
        Object.values(all),
      )
      await db.pool.query(
        `insert into bellwire_queue.job values ($1, 'runs', 'created', now() + $2::interval)`,
        [id(n), dueIn],
      )
    }
    await add(1, { state: 'PENDING', rank: 7 })
    await add(2, { state: 'PENDING', rank: 3 })
    await add(3, { state: 'PENDING', interactive: true })
    await add(4, { state: 'STARTED', attempt: 1 })
    await add(5, { state: 'STARTED', attempt: 1 }, '5 min')
    await add(6, { state: 'WAITING', attempt: 1 }, '1 h')
    await add(7, { state: 'PENDING', held: '{}' }, '2 h')
    await add(8, { state: 'STARTED', attempt: 1, worker_id: 9 })
    await add(9, { state: 'SUCCESS', attempt: 1 })

    await migrateDatabase(db)
    const { rows } = await db.pool.query<{ task_id: string; why: string; later: boolean }>(
      'select task_id, why, due_at > now() as later from bellwire.queue order by rank nulls last, due_at, task_id',
    )
    expect(rows.map((row) => [Number(row.task_id.at(-1)), row.why, row.later])).toEqual([
      [3, 'accepted', false],
      [4, 'requeued', false],
      [2, 'accepted', false],
      [1, 'accepted', false],
      [6, 'approval_expires', false],
      [5, 'requeued', true],
      [7, 'deferred', true],
    ])
    const { rows: left } = await db.pool.query(`select to_regnamespace('bellwire_queue') as schema`)
    expect(left).toEqual([{ schema: null }])
  })

  it('refuses a database that is newer than the program', async () => {
    const { db } = await createTestDatabase().then((database) => (databases.push(database), database))
    const known = await readMigrations()
    await migrateDatabase(db, [...known, migration('9999_future', ['select 1'])])
    await expect(migrateDatabase(db)).rejects.toThrow(ConfigError)
    await expect(migrateDatabase(db)).rejects.toThrow(
      'newer than this program (it has the migration "9999_future")',
    )
    expect(await isMigrated(db)).toBe(false)
  })

  it('refuses a database whose migration had other contents', async () => {
    const { db } = await createTestDatabase().then((database) => (databases.push(database), database))
    await db.pool.query(`update bellwire.migrations set hash = 'other'`)
    await expect(migrateDatabase(db)).rejects.toThrow('a different version of the migration')
  })
})

describe('migrations', () => {
  it('say the same as the schema', { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bellwire-migrations-'))
    try {
      await cp('migrations', folder, { recursive: true })
      // It takes relative paths only, and ends with success whatever happens: what it says counts.
      const drizzleKit = 'node_modules/drizzle-kit/bin.cjs'
      const args = [
        'generate',
        '--dialect=postgresql',
        '--schema=./src/db/schema',
        `--out=${relative('.', folder)}`,
      ]
      const { stdout } = await promisify(execFile)(process.execPath, [drizzleKit, ...args])
      expect(stdout, 'the schema has changed: run "npm run migrations"').toContain('nothing to migrate')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

function migration(name: string, statements: string[]): Migration {
  return { name, statements, hash: name }
}

async function appliedMigrations(pool: { query(text: string): Promise<{ rows: unknown[] }> }) {
  const { rows } = await pool.query('select * from bellwire.migrations order by name')
  return rows
}
