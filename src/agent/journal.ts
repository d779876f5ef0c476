import type { Usage } from '../contract/task.ts'

/** One call of a run: to the model, or to a tool. */
export type Step = {
  /** Names the call within its task, the same on every replay: see stepKey.ts. */
  key: string
  kind: 'model' | 'tool'
  /** The model reference, or the tool's name. */
  name: string
  /** Counts the model calls of the run from 0; a tool call carries the number of the call that asked for it. */
  step: number
  state: 'started' | 'done' | 'failed'
  /** JSON values. */
  input: unknown
  output: unknown
  usage?: Usage
  startedAt: Date
  finishedAt?: Date
}

/**
 * Where a run keeps its steps. Each write is durable when its promise resolves, and rejects with
 * {@link LeaseLostError} when this worker no longer owns the task: the run must then stop at once.
 */
export interface Journal {
  /** The row of an earlier attempt or of this one, if there is one. */
  find(key: string): Step | undefined
  /** Records the intent to make a call, before it is made. */
  begin(step: Step): Promise<void>
  /** Records a call with its outcome (`done` or `failed`), before anything depends on it. */
  finish(step: Step): Promise<void>
}

/** This worker no longer owns the task; nothing that it still does can be recorded. */
export class LeaseLostError extends Error {
  constructor(taskId: string) {
    super(`task ${taskId} is no longer held by this worker`)
    this.name = 'LeaseLostError'
  }
}
