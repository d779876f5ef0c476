import type { JsonSchema } from '../contract/agent.ts'
import type { z } from 'zod'

/** A call that a person has to decide about before it is made, or a question that it asks a person. */
export type ApprovalRequest = {
  /** Identifies the call within its task: the key of its journal row, once it has one. */
  key: string
  tool: string
  access: 'read' | 'write'
  /** The number of the model call that requested it. */
  step: number
  /** What the other side of the call wants to know; absent when the call itself is to be approved. */
  question?: string
  /** As the model wrote them; for a question the answer that is suggested. */
  arguments: unknown
  /** What arguments in their place, or the answer, must fit. */
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
