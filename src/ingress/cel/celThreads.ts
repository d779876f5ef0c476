import { BellwireError } from '../../errors.ts'
import {
  createThreadPool,
  WorkError,
  WorkLimitError,
  type ThreadPool,
} from '../../tools/threads/threadPool.ts'
import type { CelJob } from './celJob.ts'
import type { Evaluated } from './evaluateCel.ts'

/** The module of the threads: a source next to this one, or what was made of it. */
const file = new URL(`./celThread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

/** How long one evaluation may compute. Parsing the largest payload takes some 300 ms of it. */
const COMPUTE_MS = 1_500

const OPTIONS = { file, max: 2, computeMs: COMPUTE_MS, totalMs: 30_000, memoryMb: 512 }

/** Evaluations that may be under way or wait, and the bytes of their payloads. */
const MAX_JOBS = 200
const MAX_BYTES = 128 * 1024 * 1024

/** Seconds after which a caller that was refused may try again. */
const RETRY_AFTER = 2

let pool: ThreadPool | undefined
let jobs = 0
let bytes = 0

/**
 * Evaluates an expression in a thread that is ended at its limits.
 *
 * @param key whose work it is, for the order of turns
 * @throws BellwireError `overloaded` when too many evaluations wait
 */
export async function evaluateInThread<T>(job: CelJob, key: string): Promise<Evaluated<T>> {
  if (jobs >= MAX_JOBS || (jobs > 0 && bytes + job.json.length > MAX_BYTES)) {
    throw new BellwireError('overloaded', 'Too many expressions are waiting to be evaluated.', {
      retryAfter: RETRY_AFTER,
    })
  }
  jobs += 1
  bytes += job.json.length
  try {
    return (await (pool ??= createThreadPool(OPTIONS)).run(job, key)) as Evaluated<T>
  } catch (error) {
    if (error instanceof WorkLimitError) return { ok: false, error: `it was given up: ${error.message}` }
    if (error instanceof WorkError) return { ok: false, error: error.message }
    throw error
  } finally {
    jobs -= 1
    bytes -= job.json.length
  }
}
