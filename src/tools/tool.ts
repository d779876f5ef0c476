import type { ApprovalRule, JsonSchema } from '../contract/agent.ts'
import type { z } from 'zod'

/** A tool, ready to be called. It belongs to no run and may be called by many at once. */
export type RunTool = {
  name: string
  description: string
  /** What the model must send. */
  parameters: z.infer<typeof JsonSchema>
  /** Whether a call changes something. */
  access: 'read' | 'write'
  /** Whether the other side does a repeated call with the same idempotency key only once. */
  idempotent: boolean
  /** When a call waits for a person; without it the agent says so for write calls. */
  approval?: ApprovalRule | undefined
  /** Results may hold images, as `splitImages` finds them. */
  givesImages?: boolean
  /** Seconds that a call may take; without it, the agent's limits say so. */
  timeoutSeconds?: number | undefined
  /** Says what is wrong with the arguments, for the model; undefined when nothing is. */
  check(args: unknown): Promise<string | undefined>
  /**
   * Makes one call, with arguments that passed the check. What it resolves with is a JSON value and goes to the model as it is.
   *
   * @throws ToolError with a sentence for the model; the reason of the signal when that is aborted
   */
  call(args: unknown, context: ToolContext): Promise<unknown>
}

export type ToolContext = {
  /** The same whenever this call is repeated for its task, and for no other call. */
  idempotencyKey: string
  signal: AbortSignal
  /** The run that the call belongs to: what a call leaves open for later calls of its run is closed with it. */
  scope: AsyncDisposableStack
}

/**
 * A call that failed in a way that the model can be told: the message goes to it, word for word. It holds no
 * secret.
 */
export class ToolError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'ToolError'
  }

  /** The model is shown the text of an error without its class. */
  override toString(): string {
    return this.message
  }
}
