import { setTimeout as delay } from 'node:timers/promises'
import { errorKind } from '../db/errorKind.ts'

/** Why a run was stopped from outside: the reason of its abort signal. */
export class RunStopped extends Error {
  readonly why: 'cancelled' | 'shutdown' | 'lease_lost'
  constructor(why: 'cancelled' | 'shutdown' | 'lease_lost') {
    super(`the run was stopped: ${why}`)
    this.name = 'RunStopped'
    this.why = why
  }
}

/** After this many attempts an unknown error counts as permanent. */
const MAX_UNKNOWN_ERRORS = 3

/**
 * Repeats a write or read while the database is unavailable, until the worker's session is lost, so that a result that
 * was paid for is not discarded when PostgreSQL restarts. The fencing token makes repeating safe.
 *
 * @param lost aborted when the session is lost. The signal of a run cannot be used: it is aborted only once, with one
 *   reason, and a run that was stopped for a shutdown may lose the session afterwards
 */
export async function persist<T>(lost: AbortSignal, work: () => Promise<T>): Promise<T> {
  let others = 0
  for (let wait = 50; ; wait = Math.min(wait * 2, 2_000)) {
    try {
      return await work()
    } catch (error) {
      const kind = errorKind(error)
      // An error of an unknown class may be transient as well, such as an internal error of the server.
      if (kind === 'other') others += 1
      if (lost.aborted || kind === 'data' || others > MAX_UNKNOWN_ERRORS) throw error
      await delay(wait, undefined, { signal: lost }).catch(() => {})
    }
  }
}
