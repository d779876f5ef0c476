import type { Ledger } from './ledger.ts'
import type { Acknowledgement } from './load.ts'
import type { ReceivedCallback } from './receiver.ts'
import type { ReplayRequest } from './replayer.ts'
import type { Strike } from './site.ts'
import type { ModelCall, ToolCall } from './witness.ts'

/**
 * Everything that a run has left behind: the responses to callers, what the outside world saw, and what the database
 * contains.
 */
export type Evidence = {
  acknowledgements: readonly Acknowledgement[]
  /** The plan of every trigger that was sent, by marker. */
  plans: ReadonlyMap<string, string>
  modelCalls: readonly ModelCall[]
  toolCalls: readonly ToolCall[]
  /** Markers of tasks whose URL was called successfully. */
  called: ReadonlySet<string>
  callbacks: readonly ReceivedCallback[]
  replayRequests: readonly ReplayRequest[]
  ledger: Ledger
  strikes: readonly Strike[]
}
