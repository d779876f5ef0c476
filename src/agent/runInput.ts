import type { AgentConfig } from '../contract/agent.ts'
import type { ModelPrice } from '../contract/price.ts'
import type { InboundRequest, RunResult, Usage } from '../contract/task.ts'
import type { Journal } from './journal.ts'
import type { Decision } from './runPause.ts'

/** A piece of the model's output, as it is generated. */
export type Piece = { type: 'answer' | 'thought'; text: string }

/** The input of a run. */
export type RunInput = {
  /** `senderTrusted`: the request came with a key, or with a valid signature and a trusted author. */
  task: { id: string; createdAt: Date; senderTrusted: boolean }
  agent: { id: string; revision: number; config: AgentConfig }
  /** The parsed JSON body. */
  payload: unknown
  /**
   * The body as received: numbers that JavaScript cannot represent reach the model unchanged. If absent, made from
   * `payload`.
   */
  payloadText?: string
  request: InboundRequest
  journal: Journal
  /** The price of the tokens of the agent's model; absent when unknown. */
  price?: ModelPrice | undefined
  /** Approval decisions about calls of this task, by step key. */
  decisions?: (key: string) => Decision | undefined
  /** Called before each model call that is made, with its step and whether its answer is streamed. */
  onModelCall?: (call: { step: number; streamed: boolean }) => void
  /**
   * When present, the model streams and each piece is passed on at once. Pieces of recorded calls are not passed on
   * again.
   */
  onPiece?: (piece: Piece) => void
  /**
   * Checked before each model call: it streams only if somebody follows the task at that moment. Without it, it always
   * streams.
   */
  isWatched?: () => boolean
  /** Number of the attempt, and the trace context that is the parent of its span. */
  trace?: { attempt: number; parent: string | undefined }
  /** Aborted on cancel, shutdown and loss of the lease; its reason is rethrown. */
  signal: AbortSignal
  /** Instant (epoch milliseconds) at which the run times out, including restarts. */
  deadline: number
}

/** The result of a completed run. */
export type RunOutcome = { result: RunResult; usage: Usage }
