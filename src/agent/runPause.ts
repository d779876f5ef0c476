import type { JsonSchema } from '../contract/agent.ts'
import type { z } from 'zod'

/** A call that a person has to decide about before it is made, or a question that it asks a person. */
export type ApprovalRequest = {
  /** Names the call within its task: the key of its row in the journal, once it has one. */
  key: string
  tool: string
  access: 'read' | 'write'
  /** The number of the model call that asked for it. */
  step: number
  /** What the other side of the call wants to know; absent when the call itself is to be approved. */
  question?: string
  /** As the model wrote them; for a question the answer that is suggested. */
  arguments: unknown
  /** What arguments in their place, or the answer, must fit. */
  parameters: z.infer<typeof JsonSchema>
}

/** What became of such a request. */
export type Decision =
  | { state: 'approved'; editedArguments?: unknown }
  | { state: 'denied'; reason: string | null }
  | { state: 'expired' }

/** Why a run stopped without an end: it goes on, from its journal, when all of these are decided. */
export class RunPause extends Error {
  readonly requests: ApprovalRequest[]

  constructor(requests: ApprovalRequest[]) {
    super('the run waits for a person')
    this.name = 'RunPause'
    this.requests = requests
  }
}
