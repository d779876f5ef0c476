import type { z } from 'zod'
import type { JsonSchema } from './agent.ts'

/**
 * A call that a person has to decide about before it is made, a question that it asks a person, or a call that waits for
 * a callback URL.
 */
export type ApprovalRequest = {
  /** Identifies the call within its task: the key of its journal row, once it has one. */
  key: string
  tool: string
  access: 'read' | 'write'
  /** The number of the model call that requested it. */
  step: number
  /** What the other side of the call wants to know; absent when the call itself is to be approved. */
  question?: string
  /** As the model wrote them; for a question the suggested answer. */
  arguments: unknown
  /** What arguments in their place, or the answer, must fit. */
  parameters: z.infer<typeof JsonSchema>
  /** The callback URL that the call waits for: then no person decides. */
  callbackId?: string
  /** How long it may wait; absent: as long as the agent's approvals. */
  timeoutSeconds?: number
}

/** The decision about such a request. A callback URL that was called counts as approved. */
export type Decision =
  | { state: 'approved'; editedArguments?: unknown }
  | { state: 'denied'; reason: string | null }
  | { state: 'expired' }
