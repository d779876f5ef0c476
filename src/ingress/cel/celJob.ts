import type { CelScope } from './evaluateCel.ts'

/** An evaluation as it is copied to a thread: the payload as JSON in UTF-8. */
export type CelJob = {
  text: string
  json: Uint8Array
  rest: Omit<CelScope, 'payload'>
  /** Whether the value names something, and is not a condition. */
  isKey: boolean
}
