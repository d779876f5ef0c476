import type { LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import pLimit, { type LimitFunction } from 'p-limit'
import { noUsage } from '../contract/addUsage.ts'
import type { Limits } from '../contract/agent.ts'
import type { CallbackUrls } from '../contract/callbackUrl.ts'
import type { ModelPrice } from '../contract/price.ts'
import type { Usage } from '../contract/task.ts'
import type { Log } from '../telemetry/log.ts'
import type { RunMetrics } from '../telemetry/runMetrics.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import { createExactArguments, type ExactArguments } from './toolCalls/exactArguments.ts'
import type { Step } from '../contract/step.ts'
import type { Journal } from './journal.ts'
import type { RecordedWrites } from './toolCalls/recordedWrites.ts'
import type { BegunCall, Piece } from './runInput.ts'
import type { RunHold } from './runMemory.ts'
import type { ApprovalRequest, Decision } from '../contract/decision.ts'
import type { RunStop } from './runStop.ts'

/** Tool calls of one run in progress at the same time. */
const CALLS_AT_ONCE = 32

/** What the parts of a run share. Only `state` changes. */
export type RunContext = Readonly<{
  taskId: string
  /** Identifies its calls to others: the task's own id, or that of the task whose run it continues. */
  firstTaskId: string
  /** Number of this attempt, from 1. */
  attempt: number
  /** The model reference as configured in the agent. */
  modelRef: string
  limits: Limits
  /** The price of the model's tokens; undefined when unknown. */
  price: ModelPrice | undefined
  tracer: Tracer
  /** The trace context of the run's own span. */
  traceParent: string | undefined
  metrics: RunMetrics
  stop: RunStop
  journal: Journal
  onModelCall: ((call: BegunCall) => void) | undefined
  onPiece: ((piece: Piece) => void) | undefined
  isWatched: () => boolean
  log: Log | undefined
  /** Closed when the run is over, together with everything its tools left open. */
  scope: AsyncDisposableStack
  /** Approval decisions, by step key. */
  decisions: (key: string) => Decision | undefined
  /** When present, writes are answered from it, and never made. */
  record: RecordedWrites | undefined
  callbackUrls: CallbackUrls | undefined
  /** The memory that the run holds; absent when it is not limited. */
  memory: RunHold | undefined
  /** Limits concurrent tool calls: a model may request thousands at once. */
  turns: LimitFunction
  state: RunState
}>

/** The progress of a run. */
export type RunState = {
  /** The number of the model call in progress, or of the one that requested the running tools. */
  step: number
  /** Summed from the journal's rows. */
  usage: Usage
  /** Bytes that the model has written. */
  outputBytes: number
  lastAnswer: LanguageModelV4GenerateResult | undefined
  readonly exactArguments: ExactArguments
  /** Ids of tool calls that have their own journal row. */
  readonly recordedCalls: Set<string>
  /** Calls of the current step that wait for a person or a callback. */
  readonly undecided: ApprovalRequest[]
  /** Keys of calls of a rehearsal that would have waited for approval. */
  readonly unapproved: Set<string>
  /** What we sent the model in place of a result: not external data. */
  readonly ownWords: Set<string>
}

export function createRunContext(parts: Omit<RunContext, 'scope' | 'turns' | 'state'>): RunContext {
  return {
    ...parts,
    journal: stopOnRefusal(parts.journal, parts.stop),
    callbackUrls: parts.callbackUrls && stopOnFailure(parts.callbackUrls, parts.stop),
    scope: new AsyncDisposableStack(),
    turns: pLimit(CALLS_AT_ONCE),
    state: {
      step: 0,
      usage: noUsage(),
      outputBytes: 0,
      lastAnswer: undefined,
      exactArguments: createExactArguments(),
      recordedCalls: new Set(),
      undecided: [],
      unapproved: new Set(),
      ownWords: new Set(),
    },
  }
}

/**
 * A failed journal write ends the run at once with that same error. Nothing on the way, such as the loop that passes
 * tool errors to the model, may swallow it.
 */
function stopOnRefusal(journal: Journal, stop: RunStop): Journal {
  const write = async (kind: 'begin' | 'finish', step: Step): Promise<void> => {
    stop.signal.throwIfAborted()
    try {
      await journal[kind](step)
    } catch (error) {
      stop.fail(error)
      throw error
    }
    stop.signal.throwIfAborted()
  }
  return {
    find: (key) => journal.find(key),
    begin: (step) => write('begin', step),
    finish: (step) => write('finish', step),
  }
}

/** The same for callback URLs: without an answer of the database it is not known whether a call has come. */
function stopOnFailure({ create, read }: CallbackUrls, stop: RunStop): CallbackUrls {
  const orStop = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      stop.fail(error)
      throw error
    }
  }
  return { create: (key) => orStop(create(key)), read: (id) => orStop(read(id)) }
}
