import type { Usage } from './task.ts'

export type StepKind = 'model' | 'tool' | 'input'

/** A journal row without its values. */
export type StepHead = {
  /** Names the call within its task, the same on every replay. */
  key: string
  /** `input`: what was added to the prompt of a run from outside: earlier turns, a request that joined. */
  kind: StepKind
  /** The model reference, or the tool's name; what kind of input it is. */
  name: string
  /**
   * Number of the model call within the run, from 0; a tool call has the number of the model call that requested it, an
   * input that of the call that is the first to see it. -1: before the first call.
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
