import type { AgentConfig } from '../contract/agent.ts'
import type { InboundRequest, RunResult, Usage } from '../contract/task.ts'
import type { Journal } from './journal.ts'

/** A piece of what the model writes, as it writes it. */
export type Piece = { type: 'answer' | 'thought'; text: string }

export type RunInput = {
  task: { id: string; createdAt: Date }
  agent: { id: string; revision: number; config: AgentConfig }
  /** The parsed JSON body. */
  payload: unknown
  request: InboundRequest
  journal: Journal
  /** When present somebody reads along: the model streams, and each piece is handed over at once. */
  onPiece?: (piece: Piece) => void
  /** Aborted on cancel, shutdown and loss of the lease; its reason is rethrown. */
  signal: AbortSignal
  /** Instant (epoch milliseconds) after which the run is over, restarts or not. */
  deadline: number
}

export type RunOutcome = { result: RunResult; usage: Usage }
