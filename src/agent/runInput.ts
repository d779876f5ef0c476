import type { AgentConfig } from '../contract/agent.ts'
import type { ModelPrice } from '../contract/price.ts'
import type { InboundRequest, RunResult, Usage } from '../contract/task.ts'
import type { Journal } from './journal.ts'
import type { Decision } from './runPause.ts'

/** A piece of what the model writes, as it writes it. */
export type Piece = { type: 'answer' | 'thought'; text: string }

/** What a run needs to know. */
export type RunInput = {
  /**
   * `origin`: the entrance that it came in by, such as `webhook`. `senderVerified`: the request came with a key or a
   * valid signature.
   */
  task: { id: string; createdAt: Date; origin?: string; senderVerified: boolean }
  agent: { id: string; revision: number; config: AgentConfig }
  /** The parsed JSON body. */
  payload: unknown
  /** The body as it was received: numbers that JavaScript cannot hold reach the model whole. Absent: made from `payload`. */
  payloadText?: string
  /** The payload reaches the model as its JSON text alone, whatever is in it: without marks that say it is data. */
  plainPayload?: boolean
  request: InboundRequest
  journal: Journal
  /** What the tokens of the agent's model cost; absent when that is not known. */
  price?: ModelPrice | undefined
  /** What people have said about calls of this task, by the key of the call. */
  decisions?: (key: string) => Decision | undefined
  /** Called before each model call that is made, with its step and whether its answer will come in pieces. */
  onModelCall?: (call: { step: number; streamed: boolean }) => void
  /**
   * When present somebody reads along: the model streams, and each piece is handed over at once. Pieces of
   * calls that the journal answers are not handed over again.
   */
  onPiece?: (piece: Piece) => void
  /** Asked before each model call: only when somebody reads along just then does it stream. Without it always. */
  isWatched?: () => boolean
  /** Which try of the task this is, and the trace context that its span belongs under. */
  trace?: { attempt: number; parent: string | undefined }
  /** Aborted on cancel, shutdown and loss of the lease; its reason is rethrown. */
  signal: AbortSignal
  /** Instant (epoch milliseconds) after which the run is over, restarts or not. */
  deadline: number
}

/** What a run that came to its end gives. */
export type RunOutcome = { result: RunResult; usage: Usage }
