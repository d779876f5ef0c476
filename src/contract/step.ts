import type { Usage } from './task.ts'

/** A journal row without its values. */
export type StepHead = {
  /** Names the call within its task, the same on every replay. */
  key: string
  kind: 'model' | 'tool'
  /** The model reference, or the tool's name. */
  name: string
  /**
   * Number of the model call within the run, from 0; a tool call has the number of the model call that requested it.
   */
  step: number
  state: 'started' | 'done' | 'failed'
  usage?: Usage
  startedAt: Date
  finishedAt?: Date
}

/** One call of a run, to the model or to a tool: a row of the journal. */
export type Step = StepHead & {
  /** JSON values. */
  input: unknown
  output: unknown
  /** URLs and ids of what a call of a write tool has made. */
  objects?: readonly string[]
}
