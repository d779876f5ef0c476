import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { keepLatest } from '../../tools/threads/keepLatest.ts'
import type { Answer } from '../../tools/threads/threadPool.ts'
import type { CelJob } from './celJob.ts'
import { parseForCel } from './celNumbers.ts'
import { evaluateCel, type Evaluation } from './evaluateCel.ts'
import { parseCel } from './parseCel.ts'

/** Of the operating system, from -20 to 19: whoever answers requests goes first. */
const PRIORITY = 10

const expressions = keepLatest(100, parseCel)

function perform({ text, json, rest }: CelJob): Evaluation {
  const payload = parseForCel(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'))
  return evaluateCel(text, expressions(text), { payload, ...rest })
}

function say(message: Answer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  parentPort?.postMessage(message)
}

// Only Linux gives threads priorities of their own.
if (process.platform === 'linux') setPriority(PRIORITY)

say({ isReady: true })
parentPort?.on('message', (job: CelJob) => {
  try {
    say({ value: perform(job) })
  } catch (error) {
    const kind = error instanceof Error ? error.name : 'Error'
    say({ error: { kind, message: error instanceof Error ? error.message : String(error) } })
  }
})
