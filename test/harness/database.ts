import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { openDatabase, type Database } from '../../src/db/database.ts'

export type TestDatabase = {
  url: string
  db: Database
  /** Closes `db`, terminates remaining connections and drops the database. */
  drop(): Promise<void>
}

/** A new, empty database with the whole schema: usually one per test file. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(inject('templateDatabase'))
}

/** A new database without a schema. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template1')
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await administer(`create database ${name} template ${template}`)
  const url = inject('postgresUrl').replace('/postgres?', `/${name}?`)
  // When a test kills things, its own queries show which connections broke.
  const db = openDatabase(url, { name: 'test', onError: () => undefined })
  return {
    url,
    db,
    async drop() {
      await db.close()
      await administer(`drop database if exists ${name} with (force)`)
    },
  }
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
