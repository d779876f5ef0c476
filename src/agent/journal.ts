import type { Usage } from '../contract/task.ts'

/** One call of a run: to the model, or to a tool. */
export type Step = {
  /** Names the call within its task, the same on every replay: see stepKey.ts. */
  key: string
  kind: 'model' | 'tool'
  /** The model reference, or the tool's name. */
  name: string
  /**
   * Number of the model call within the run, from 0; a tool call has the number of the model call that requested it.
   */
  step: number
  state: 'started' | 'done' | 'failed'
  /** JSON values. */
  input: unknown
  output: unknown
  usage?: Usage
  /** URLs and ids of what a call of a write tool has made. */
  objects?: readonly string[]
  startedAt: Date
  finishedAt?: Date
}

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
