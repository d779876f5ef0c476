import type { LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import pLimit, { type LimitFunction } from 'p-limit'
import { noUsage } from '../contract/addUsage.ts'
import type { Limits } from '../contract/agent.ts'
import type { ModelPrice } from '../contract/price.ts'
import type { Usage } from '../contract/task.ts'
import type { Log } from '../telemetry/log.ts'
import type { RunMetrics } from '../telemetry/runMetrics.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import { createExactArguments, type ExactArguments } from './exactArguments.ts'
import type { Journal, Step } from './journal.ts'
import type { BegunCall, Piece } from './runInput.ts'
import type { ApprovalRequest, Decision } from './runPause.ts'
import type { RunStop } from './runStop.ts'

/** Tool calls of one run that are under way at a time. */
const CALLS_AT_ONCE = 32

/** What the parts of one run share while it lasts. None of it changes but `state`. */
export type RunContext = Readonly<{
  taskId: string
  /** Which try of the task this is, from 1. */
  attempt: number
  /** The model reference, as the agent writes it. */
  modelRef: string
  limits: Limits
  /** What the model's tokens cost; undefined when it is not known. */
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
  /** Closed when the run is over, with all that its tools have left open. */
  scope: AsyncDisposableStack
  /** What a person has said about a call, by its key. */
  decisions: (key: string) => Decision | undefined
  /** Makes tool calls take turns: a model may ask for thousands at once. */
  turns: LimitFunction
  state: RunState
}>

/** How far a run has come. */
export type RunState = {
  /** The number of the model call that is under way, or that asked for the tools which are running. */
  step: number
  /** Added up from the journal's rows. */
  usage: Usage
  /** Bytes that the model has written. */
  outputBytes: number
  lastAnswer: LanguageModelV4GenerateResult | undefined
  readonly exactArguments: ExactArguments
  /** Ids of the tool calls that have a row of their own. */
  readonly recordedCalls: Set<string>
  /** Calls of the present step that wait for a person. */
  readonly undecided: ApprovalRequest[]
  /** What we told the model in place of a result: not data from outside. */
  readonly ownWords: Set<string>
}

export function createRunContext(parts: Omit<RunContext, 'scope' | 'turns' | 'state'>): RunContext {
  return {
    ...parts,
    journal: stopOnRefusal(parts.journal, parts.stop),
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
      ownWords: new Set(),
    },
  }
}

/**
 * A write that the journal refuses ends the run at once with that very error. Nothing on the way, such as the
 * loop that hands errors of tools to the model, may swallow it.
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
