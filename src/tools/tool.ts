import type { ApprovalRule, JsonSchema } from '../contract/agent.ts'
import type { z } from 'zod'
import type { CallbackUrls } from '../contract/callbackUrl.ts'
import type { SentRequest } from '../contract/toolTry.ts'
import type { AnsweredRound } from './question.ts'

/** A tool, ready to be called. It belongs to no run and supports concurrent calls. */
export type RunTool = {
  name: string
  description: string
  /** The parameters that the model must send. */
  parameters: z.infer<typeof JsonSchema>
  /** Whether a call changes something. */
  access: 'read' | 'write'
  /** Whether the remote side executes repeated calls with the same idempotency key only once. */
  idempotent: boolean
  /** When a call waits for approval; if absent, the agent's setting for write calls applies. */
  approval?: ApprovalRule | undefined
  /** Results may hold images, as `splitImages` finds them. */
  givesImages?: boolean
  /** A replay that answers writes from the record answers its calls from there, too. */
  isRecorded?: boolean
  /** Results are words of the operator's people: the model gets them without marks that say they are data. */
  isTrusted?: boolean
  /** What a rehearsal gives the model as a part of its simulated result. */
  sample?: Readonly<Record<string, unknown>>
  /** Timeout of a call in seconds; if absent, the agent's limit applies. */
  timeoutSeconds?: number | undefined
  /** Returns the error of the arguments, for the model; undefined when they are valid. */
  check(args: unknown): Promise<string | undefined>
  /**
   * Makes one call, with arguments that passed the check. The result is a JSON value and is sent to the model
   * unchanged.
   *
   * @throws ToolError with a sentence for the model; QuestionAsked when a person has to answer something first;
   * CallbackAwaited when a callback URL has to be called first; the reason of the signal when that is aborted
   */
  call(args: unknown, context: ToolContext): Promise<unknown>
}

export type ToolContext = {
  /** The same whenever this call is repeated for its task, and for no other call. */
  idempotencyKey: string
  signal: AbortSignal
  /** The run that the call belongs to: resources left open for later calls of the run are closed with it. */
  scope: AsyncDisposableStack
  /** What this call has asked before, with the answers, oldest first. */
  answered?: readonly AnsweredRound[]
  /** The callback URLs of the run. */
  callbackUrls?: CallbackUrls | undefined
  /** The call has waited for a callback before, until its time was up. */
  timedOut?: boolean
  /** Is told what is sent and received, by tools that call other systems. */
  observer?: CallObserver | undefined
}

/** Follows one call of a tool. */
export type CallObserver = {
  /** What is sent; secrets are masked. */
  request(request: SentRequest): void
  /** The HTTP status of the response. */
  status(status: number): void
}

/**
 * A failed call with a message for the model, which is sent verbatim. It contains no secret.
 */
export class ToolError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'ToolError'
  }

  /** The model sees the message of an error without its class. */
  override toString(): string {
    return this.message
  }
}
