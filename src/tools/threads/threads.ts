import { isMainThread } from 'node:worker_threads'
import { createThreadPool, type ThreadPool, type ThreadPoolOptions } from './threadPool.ts'
import type { Job } from './job.ts'

/** The module of the threads: a source file next to this one, or its compiled form. */
const file = new URL(`./thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

/** Rendering and validating: a run waits for it. */
const QUICK: ThreadPoolOptions = { file, max: 2, computeMs: 2_000, totalMs: 4_000, memoryMb: 256 }

/** Importing: it mostly waits for a server. */
const SLOW: ThreadPoolOptions = { file, max: 3, computeMs: 8_000, totalMs: 60_000, memoryMb: 768 }

let quick: ThreadPool | undefined
let slow: ThreadPool | undefined

/** Whether this is the thread shared by all runs and requests: long work does not belong there. */
export const isShared = isMainThread

/**
 * Does work that may take long in a thread that is ended at its limits.
 *
 * @param key whose work it is, for the order of turns
 * @param signal gives it up
 * @throws WorkLimitError, WorkError, the reason of the signal: see ThreadPool
 */
export function inThread(job: Job, key: string, signal?: AbortSignal): Promise<unknown> {
  if (job.kind === 'import' || job.kind === 'offer')
    return (slow ??= createThreadPool(SLOW)).run(job, key, signal)
  return (quick ??= createThreadPool(QUICK)).run(job, key, signal)
}
