import type { AgentConfig } from '../contract/agent.ts'
import type { CallbackUrls } from '../contract/callbackUrl.ts'
import type { ModelPrice } from '../contract/price.ts'
import type { InboundRequest, RunResult, Usage } from '../contract/task.ts'
import type { ReceivedFile } from './prompt/attachments.ts'
import type { ConversationInput } from './conversation/conversationInput.ts'
import type { Journal } from './journal.ts'
import type { Decision } from '../contract/decision.ts'
import type { RecordedWrites } from './toolCalls/recordedWrites.ts'
import type { RunHold } from './runMemory.ts'

/** A model call that is about to be made. */
export type BegunCall = {
  step: number
  /** Its answer will come in pieces. */
  streamed: boolean
  /** It goes on with the answer of the step before, which was cut. */
  continues: boolean
}

/** A piece of what the model writes, as it writes it. */
export type Piece = { type: 'answer' | 'thought'; text: string }

/** The task that a run began with: its calls are identified by it, and its prompts name its time. */
export type FirstTask = { id: string; createdAt: Date }

/** The input of a run. */
export type RunInput = {
  /**
   * `origin`: the entrance that it came in by, such as `webhook`. `senderTrusted`: the request came with a key, or with
   * a valid signature and a trusted author. `continues`: the task whose run goes on here.
   */
  task: {
    id: string
    createdAt: Date
    origin?: string
    senderTrusted: boolean
    continues?: FirstTask | undefined
  }
  agent: { id: string; revision: number; config: AgentConfig }
  /** The parsed JSON body. */
  payload: unknown
  /**
   * The body as received: numbers that JavaScript cannot represent reach the model unchanged. If absent, made from
   * `payload`.
   */
  payloadText?: string
  /** The payload reaches the model as its JSON text alone, whatever is in it: without marks that say it is data. */
  plainPayload?: boolean
  request: InboundRequest
  /** The files that came with the request. */
  attachments?: readonly ReceivedFile[]
  /** Its conversation; absent when it has none. */
  conversation?: ConversationInput | undefined
  journal: Journal
  /** The price of the tokens of the agent's model; absent when unknown. */
  price?: ModelPrice | undefined
  /** Approval decisions about calls of this task, by step key. */
  decisions?: (key: string) => Decision | undefined
  /** When present, writes are answered from it, and never made. */
  record?: RecordedWrites | undefined
  /** The callback URLs of this task. */
  callbackUrls?: CallbackUrls | undefined
  /** The memory that the run holds; tool results wait for room in it. Without it, they do not wait. */
  memory?: RunHold | undefined
  /** Called before each model call that is made. */
  onModelCall?: (call: BegunCall) => void
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
export type RunOutcome = {
  result: RunResult
  usage: Usage
  /** What the user said, for later turns of a conversation, and how many requests that joined the task it includes. */
  said?: { message: string; joined: number }
}

/** The task that the run began with. */
export function firstTaskOf({ task }: Pick<RunInput, 'task'>): FirstTask {
  return task.continues ?? task
}
