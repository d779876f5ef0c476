import type { JsonSchema } from '../contract/agent.ts'
import type { z } from 'zod'

/** A call that needs an approval decision before it is made. */
export type ApprovalRequest = {
  /** Identifies the call within its task: the key of its journal row, once it has one. */
  key: string
  tool: string
  access: 'read' | 'write'
  /** The number of the model call that requested it. */
  step: number
  /** As the model wrote them. */
  arguments: unknown
  /** The schema that edited arguments must match. */
  parameters: z.infer<typeof JsonSchema>
}

/** The state of such a request. */
export type Decision =
  | { state: 'approved'; editedArguments?: unknown }
  | { state: 'denied'; reason: string | null }
  | { state: 'expired' }

/** Why a run stopped without a result: it resumes from its journal when all of these are decided. */
export class RunPause extends Error {
  readonly requests: ApprovalRequest[]

  constructor(requests: ApprovalRequest[]) {
    super('the run is waiting for approval')
    this.name = 'RunPause'
    this.requests = requests
  }
}
