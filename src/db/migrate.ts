import type { PoolClient } from 'pg'
import { ConfigError } from '../config/configError.ts'
import type { Database, Queryable } from './database.ts'
import { readMigrations, type Migration } from './migrations.ts'

/** The oldest PostgreSQL version with all features in use, as `server_version_num`. */
const OLDEST_SERVER = 150_000

/** Names our lock among the advisory locks of the database: "bell", "migr" in ASCII. */
const LOCK = [0x62656c6c, 0x6d696772]

/**
 * Migrates the database's schema to this program's version. Safe when many processes start at once: each migration is
 * one transaction under an advisory lock, and later processes find it applied. Throws {@link ConfigError} when the
 * server is too old, or when the database is newer than the program.
 */
export async function migrateDatabase(db: Database, migrations?: Migration[]): Promise<void> {
  const known = migrations ?? (await readMigrations())
  await refuseOldServer(db)
  while (await db.transaction((tx) => applyNext(tx, known)));
}

/** Whether the database has exactly the migrations of this program. */
export async function isMigrated(db: Database, migrations?: Migration[]): Promise<boolean> {
  const known = migrations ?? (await readMigrations())
  const applied = await readApplied(db.pool)
  return applied.size === known.length && known.every((migration) => applied.has(migration.name))
}

async function refuseOldServer(db: Database): Promise<void> {
  const { rows } = await db.pool.query<{ number: number; version: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`,
  )
  const server = rows[0]
  if (server && server.number < OLDEST_SERVER) {
    throw new ConfigError(
      `The database server is PostgreSQL ${server.version}; Bellwire needs 15 or newer. ` +
        'Upgrade the server, or point DATABASE_URL at a newer one.',
    )
  }
}

/** Applies the first missing migration. Returns whether there was one. */
async function applyNext(tx: PoolClient, known: Migration[]): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock($1, $2)', LOCK)
  const applied = await readApplied(tx)
  refuseOtherHistory(applied, known)
  const next = known.find((migration) => !applied.has(migration.name))
  if (!next) return false

  for (const statement of next.statements) await tx.query(statement)
  // The first migration creates the schema that contains this table, so the table is created after it.
  await tx.query(
    `create table if not exists bellwire.migrations (
       name text primary key, hash text not null, applied_at timestamptz not null default now())`,
  )
  await tx.query('insert into bellwire.migrations (name, hash) values ($1, $2)', [next.name, next.hash])
  return true
}

/** Names of the applied migrations, each with the hash of its file. */
async function readApplied(client: Queryable): Promise<Map<string, string>> {
  const { rows: tables } = await client.query<{ present: boolean }>(
    `select to_regclass('bellwire.migrations') is not null as present`,
  )
  if (!tables[0]?.present) return new Map()
  const { rows } = await client.query<{ name: string; hash: string }>(
    'select name, hash from bellwire.migrations order by name',
  )
  return new Map(rows.map((row) => [row.name, row.hash]))
}

function refuseOtherHistory(applied: Map<string, string>, known: Migration[]): void {
  const names = new Map(known.map((migration) => [migration.name, migration.hash]))
  for (const [name, hash] of applied) {
    if (!names.has(name)) {
      throw new ConfigError(
        `The database is newer than this program (it has the migration "${name}"). ` +
          'Run the version of Bellwire that created it, or a later one.',
      )
    }
    if (names.get(name) !== hash) {
      throw new ConfigError(
        `The database was created with a different version of the migration "${name}". ` +
          'Run the version of Bellwire that created it, or start with an empty database.',
      )
    }
  }
}
