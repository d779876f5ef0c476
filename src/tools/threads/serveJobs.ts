import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { Answer } from './threadPool.ts'

/** Of the operating system, from -20 to 19: gets a tenth of a core when others compete for it. */
const PRIORITY = 10

/**
 * Serves the jobs of a thread pool in the thread that calls it: says that it is ready, then answers each job with its
 * value or its error. Threads that receive requests and run agents have priority over it.
 */
export function serveJobs(perform: (job: never) => unknown): void {
  // Only Linux has priorities per thread.
  if (process.platform === 'linux') setPriority(PRIORITY)
  const answer = async (job: unknown): Promise<unknown> => perform(job as never)
  parentPort?.on('message', (job: unknown) => {
    answer(job).then(
      (value) => say({ value }),
      (error: unknown) => {
        const kind = error instanceof Error ? error.name : 'Error'
        say({ error: { kind, message: error instanceof Error ? error.message : String(error) } })
      },
    )
  })
  say({ isReady: true })
}

function say(answer: Answer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  parentPort?.postMessage(answer)
}
