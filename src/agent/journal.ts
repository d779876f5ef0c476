import type { Step } from '../contract/step.ts'

/**
 * Stores the steps of a run. Each write is durable when its promise resolves, and rejects with {@link LeaseLostError}
 * when this worker no longer owns the task: the run must then stop at once.
 */
export interface Journal {
  /** The row of this or an earlier attempt, if there is one. */
  find(key: string): Step | undefined
  /** Records the intent to make a call, before it is made. */
  begin(step: Step): Promise<void>
  /** Records a call with its outcome (`done` or `failed`), before anything depends on it. */
  finish(step: Step): Promise<void>
}

/** This worker no longer owns the task, so nothing it does can be recorded. */
export class LeaseLostError extends Error {
  constructor(taskId: string) {
    super(`task ${taskId} is no longer held by this worker`)
    this.name = 'LeaseLostError'
  }
}
