import { setTimeout as delay } from 'node:timers/promises'
import { ConfigError } from '../config/configError.ts'
import { errorKind } from '../db/errorKind.ts'
import type { Log } from '../telemetry/log.ts'

/** A database that is started at the same time, or restarted, takes a moment. */
const PATIENCE_MS = 30_000
const PAUSE_MS = 500

/** Errors that only the operator can fix, by SQLSTATE: wrong credentials, no such database, missing rights. */
const PERMANENT = /^(28|3D|42501)/

/**
 * Runs a step of the start that needs the database, and repeats it while the database cannot be reached or breaks a
 * connection, for 30 seconds by default. The step must undo what it did when it fails.
 *
 * @throws ConfigError for an error that only the operator can fix, or when the time is over; the reason of `signal`
 *   when that is aborted first; all other errors of the step as they are
 */
export async function untilReachable<T>(
  step: () => Promise<T>,
  { log, signal, patienceMs = PATIENCE_MS }: { log: Log; signal?: AbortSignal; patienceMs?: number },
): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (let told = false; ;) {
    try {
      return await step()
    } catch (error) {
      signal?.throwIfAborted()
      if (!isPassing(error)) throw explain(error)
      if (performance.now() > deadline) throw unreachable(error, patienceMs)
      if (!told) log.warn({ err: error }, 'the database cannot be reached yet; waiting')
      told = true
      await delay(PAUSE_MS, undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}

/** Whether another attempt may succeed. */
function isPassing(error: unknown): boolean {
  if (errorKind(error) !== 'unavailable' || PERMANENT.test(codeOf(error))) return false
  // The socket of a server that has not started; not a file that DATABASE_URL names.
  return codeOf(error) !== 'ENOENT' || syscallOf(error) === 'connect'
}

/** For a statement that every usable database accepts: what is not passing is a wrong setting. */
export function refuseUnlessPassing(error: unknown): never {
  throw isPassing(error) ? error : unusable(error)
}

function explain(error: unknown): unknown {
  if (error instanceof ConfigError) return error
  const code = codeOf(error)
  const isOutside = errorKind(error) === 'unavailable' || PERMANENT.test(code) || /^E(?!RR_)[A-Z]/.test(code)
  return isOutside ? unusable(error) : error
}

function unusable(error: unknown): ConfigError {
  const advice =
    codeOf(error) === '42501' ? 'Give its user the right to create schemas.' : 'Check DATABASE_URL.'
  return new ConfigError(`The database cannot be used (${reason(error)}). ${advice}`, { cause: error })
}

function unreachable(error: unknown, patienceMs: number): ConfigError {
  return new ConfigError(
    `The database could not be reached within ${Math.round(patienceMs / 1000)} seconds (${reason(error)}). ` +
      'Check DATABASE_URL, and that the server is running.',
    { cause: error },
  )
}

function reason(error: unknown): string {
  // A connection to a name with several addresses fails with a list of errors and no message of its own.
  return error instanceof Error && error.message !== '' ? error.message : codeOf(error)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function syscallOf(error: unknown): unknown {
  return error instanceof Error && 'syscall' in error ? error.syscall : undefined
}
