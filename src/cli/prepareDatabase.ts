import { setTimeout as delay } from 'node:timers/promises'
import { ConfigError } from '../config/configError.ts'
import { openDatabase, type Database } from '../db/database.ts'
import { migrateDatabase } from '../db/migrate.ts'
import type { Log } from '../telemetry/log.ts'

/** A database that is started at the same time takes a moment. */
const PATIENCE_MS = 30_000
const PAUSE_MS = 500

/** Errors that the operator can fix: name resolution and network, or these SQLSTATE classes. */
const OPERATORS = /^(E(?!RR_)[A-Z]|08|28|3D|42501|53|57P0)/

/** Not reachable yet, or just starting or stopping (57P03). All other errors are permanent. */
const PASSING = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'ETIMEDOUT', '57P03'])

/**
 * Waits for the database and brings its schema up to date. Safe when many processes do it at once. Throws {@link
 * ConfigError} when it cannot be reached or used, and the reason of `signal` when that is aborted first.
 */
export async function prepareDatabase(url: string, log: Log, signal?: AbortSignal): Promise<void> {
  const db = openDatabase(url, { max: 3, name: 'bellwire migrate', onError: () => undefined })
  try {
    await waitUntilReachable(db, log, signal)
    signal?.throwIfAborted()
    await migrateDatabase(db)
  } catch (error) {
    throw explain(error)
  } finally {
    await db.close()
  }
}

async function waitUntilReachable(db: Database, log: Log, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  for (let told = false; ;) {
    try {
      await db.pool.query('select 1')
      return
    } catch (error) {
      if (!PASSING.has(codeOf(error)) || Date.now() > deadline) throw unusable(error)
      if (!told) log.warn('the database cannot be reached yet; waiting')
      told = true
      await delay(PAUSE_MS, undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}

function explain(error: unknown): unknown {
  return error instanceof ConfigError || !OPERATORS.test(codeOf(error)) ? error : unusable(error)
}

function unusable(error: unknown): ConfigError {
  const code = codeOf(error)
  // A connection to a name with several addresses fails with a list of errors and no message of its own.
  const message = error instanceof Error && error.message !== '' ? error.message : code
  const advice = code === '42501' ? 'Give its user the right to create schemas.' : 'Check DATABASE_URL.'
  return new ConfigError(`The database cannot be used (${message}). ${advice}`, { cause: error })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
