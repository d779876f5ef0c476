import { createAnswerMemory, type AnswerHold } from './answerMemory.ts'
import { createRunMemory, type RunMemory } from './runMemory.ts'

/** Default limit for what the runs of one process hold in memory at a time, in bytes. */
export const WORKER_MEMORY_BYTES = 512 * 1024 * 1024

/** The memory of a worker process, shared by payloads, attachments, journals, tool results and model answers. */
export type ProcessMemory = {
  /** Maximum bytes held at a time. Answers may add half as much, and the oldest run whatever it needs. */
  readonly maxBytes: number
  /** See {@link RunMemory}. */
  openRun: RunMemory['open']
  /** The memory of one model answer while it arrives. `evict` ends the call: there is no memory for its answer. */
  openAnswer(evict: () => void): AnswerHold
  /** Runs and tool results that wait for room. */
  waiting(): number
}

/**
 * Creates one limit for everything that runs hold. Half of it is always available to answers, so that a model can
 * answer a run larger than the limit.
 */
export function createProcessMemory(maxBytes = WORKER_MEMORY_BYTES): ProcessMemory {
  const runs = createRunMemory({ free: () => maxBytes - answers.used() })
  const answers = createAnswerMemory({
    limit: () => Math.max(maxBytes / 2, maxBytes - runs.used()),
    onRelease: () => runs.wake(),
  })
  return {
    maxBytes,
    openRun: (bytes, signal) => runs.open(bytes, signal),
    openAnswer: (evict) => answers.open(evict),
    waiting: () => runs.waiting(),
  }
}
