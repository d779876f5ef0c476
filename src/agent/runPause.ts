import type { JsonSchema } from '../contract/agent.ts'
import type { z } from 'zod'

/** A call that a person has to decide about before it is made. */
export type ApprovalRequest = {
  /** Names the call within its task: the key of its row in the journal, once it has one. */
  key: string
  tool: string
  access: 'read' | 'write'
  /** The number of the model call that asked for it. */
  step: number
  /** As the model wrote them. */
  arguments: unknown
  /** What arguments in their place must fit. */
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
