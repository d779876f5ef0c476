import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4Middleware,
} from '@ai-sdk/provider'
import { wrapLanguageModel } from 'ai'
import { addUsage } from '../../contract/addUsage.ts'
import type { Usage } from '../../contract/task.ts'
import { metered, type AnswerMeter } from '../../models/answerMeter.ts'
import { createCallMeter } from './answerMeter.ts'
import { collectStream } from './collectStream.ts'
import { delimitResults } from '../prompt/delimit.ts'
import { toHistory } from '../prompt/history.ts'
import type { Step } from '../../contract/step.ts'
import { enforceLimits, outputBytes } from '../limits.ts'
import {
  answerFromRow,
  answerToRow,
  isCutAnswer,
  isTooDeep,
  keepAnswer,
  withoutToolCalls,
} from './modelAnswer.ts'
import type { ProcessMemory } from '../processMemory.ts'
import type { PromptRecord } from '../prompt/promptRecord.ts'
import { incompleteAnswer, receivedIn, tooDeepAnswer, toRunFailure } from './providerError.ts'
import { RunFailure } from '../runFailure.ts'
import type { Piece } from '../runInput.ts'
import type { RunContext } from '../runContext.ts'
import { describeAnswer, startChatSpan } from '../spans.ts'
import { failedModelStepKey, modelStepKey } from '../stepKey.ts'
import { withTimeLimit } from '../timeLimit.ts'
import { usageOfCall } from '../usage.ts'

export type ModelCallOptions = {
  model: LanguageModelV4
  context: RunContext
  recordPrompt: (options: LanguageModelV4CallOptions) => PromptRecord
  responseFormat: LanguageModelV4CallOptions['responseFormat']
  /** Shared by all calls of the process. */
  memory: ProcessMemory
  /** Removes keys from a provider's messages. */
  redact: (text: string) => string
  /** Names the call in the journal; by default its step does. */
  key?: string
  /** Tool calls in the answer are dropped: none were requested. */
  ignoreToolCalls?: boolean
}

type Call = Parameters<NonNullable<LanguageModelV4Middleware['wrapGenerate']>>[0]

/**
 * Wraps a model for one step of a run. A call found in the journal is answered from there; any other call is made, and
 * its answer is in the journal before it is used. A follower receives the pieces as they arrive, for calls that are
 * made and not for recorded ones, whose text was already sent.
 *
 * The model streams inside a call that does not, so one loop serves both, and streaming costs only the reading of the
 * stream.
 */
export function journaledModel(step: number, options: ModelCallOptions): LanguageModelV4 {
  const { model, context, responseFormat } = options
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: 'v4',
      transformParams: ({ params }) =>
        Promise.resolve(responseFormat ? { ...params, responseFormat } : params),
      wrapGenerate: async (call) => {
        const called = await callModel(step, options, call)
        const answer = options.ignoreToolCalls ? withoutToolCalls(called.answer) : called.answer
        const { usage } = called
        context.state.lastAnswer = answer
        context.state.exactArguments.note(answer)
        context.state.usage = addUsage(context.state.usage, usage)
        context.state.outputBytes += outputBytes(answer)
        keepLimits(context)
        return answer
      },
    },
  })
}

type Answered = { answer: LanguageModelV4GenerateResult; usage: Usage }

async function callModel(
  step: number,
  options: ModelCallOptions,
  { model, params }: Call,
): Promise<Answered> {
  const { context } = options
  const { stop, journal, modelRef } = context
  stop.signal.throwIfAborted()
  const key = options.key ?? modelStepKey(step)
  const input: PromptRecord = {
    ...options.recordPrompt(params),
    ...(continuesAnswer(context) ? { continues: true } : {}),
  }
  const row = journal.find(key)
  if (row?.state === 'done') {
    warnIfChanged(context, key, row.input, input)
    const answer = answerFromRow(row.output)
    // The cost was computed with the price at the time of the call.
    return { answer, usage: row.usage ?? usageOfCall(answer.usage, undefined) }
  }

  const startedAt = new Date()
  const record = { kind: 'model' as const, name: modelRef, step, input, startedAt }
  const { answer, usage } = await makeCall(step, options, { model, params }).catch(async (error: unknown) => {
    if (error instanceof RunFailure) await recordFailure(error, record, options)
    throw error
  })
  await journal.finish({
    ...record,
    key,
    state: 'done',
    output: answerToRow(answer),
    usage,
    finishedAt: new Date(),
  })
  return { answer, usage }
}

/** A failed call is a step, too: what was sent, when, and the error. It answers no call of a later attempt. */
async function recordFailure(
  failure: RunFailure,
  record: Pick<Step, 'kind' | 'name' | 'step' | 'input' | 'startedAt'>,
  { context, redact }: ModelCallOptions,
): Promise<void> {
  context.stop.signal.throwIfAborted()
  await context.journal.finish({
    ...record,
    key: failedModelStepKey(record.step, context.attempt),
    state: 'failed',
    output: { error: { code: failure.code, message: failure.message }, ...receivedIn(failure, redact) },
    finishedAt: new Date(),
  })
}

/** Makes a call and records metrics and a span, whatever its outcome. */
async function makeCall(
  step: number,
  { context, memory, redact }: ModelCallOptions,
  { model, params }: Pick<Call, 'model' | 'params'>,
): Promise<Answered> {
  const { stop, modelRef, tracer, metrics } = context
  const prompt = toHistory(
    delimitResults(params.prompt, { taskId: context.firstTaskId, ownWords: context.state.ownWords }),
    context.state,
  )
  const place = { tracer, parent: context.traceParent }
  const span = startChatSpan(place, { model: modelRef, step, prompt })
  const began = performance.now()
  let outcome = 'ok'
  try {
    const answer = await withTimeLimit(
      {
        signal: stop.signal,
        seconds: context.limits.step_timeout_seconds,
        late: () => modelTimedOut(context),
      },
      async (signal, end) => {
        const meter = createCallMeter({ ...context, outputBytes: context.state.outputBytes, memory, end })
        try {
          return await ask(
            step,
            model,
            { ...params, prompt, abortSignal: signal },
            { context, meter, signal },
          )
        } finally {
          meter.close()
        }
      },
    )
    const usage = usageOfCall(answer.usage, context.price)
    describeAnswer(span, { tracer, answer, usage })
    return { answer, usage }
  } catch (error) {
    outcome = 'stopped'
    stop.signal.throwIfAborted()
    const failure = toRunFailure(error, { modelRef, redact })
    outcome = failure.code
    throw failure
  } finally {
    if (outcome !== 'ok') span.fail(outcome)
    span.end()
    metrics.modelCall(modelRef, outcome, (performance.now() - began) / 1_000)
  }
}

async function ask(
  step: number,
  model: LanguageModelV4,
  call: LanguageModelV4CallOptions,
  { context, meter, signal }: { context: RunContext; meter: AnswerMeter; signal: AbortSignal },
): Promise<LanguageModelV4GenerateResult> {
  const { onPiece } = context
  const streamed = onPiece !== undefined && context.isWatched()
  context.onModelCall?.({ step, streamed, continues: continuesAnswer(context) })
  const result = await metered(meter, async () =>
    streamed
      ? collectStream(await model.doStream(call), whileRunning(onPiece, signal), meter)
      : model.doGenerate(call),
  )
  const incomplete = incompleteAnswer(result.finishReason, context.modelRef)
  if (incomplete) throw incomplete
  if (isTooDeep(result)) throw tooDeepAnswer(context.modelRef)
  return keepAnswer(result)
}

/** Whether the next model call goes on with the last answer. */
function continuesAnswer({ state: { lastAnswer } }: RunContext): boolean {
  return lastAnswer !== undefined && isCutAnswer(lastAnswer)
}

function modelTimedOut({ modelRef, limits }: RunContext): RunFailure {
  return new RunFailure(
    'model_timed_out',
    `${modelRef}: no answer within ${limits.step_timeout_seconds} seconds (limits.step_timeout_seconds).`,
    { retryable: true },
  )
}

/** A limit ends the run with its own error, which must not be converted on the way. */
function keepLimits(context: RunContext): void {
  try {
    enforceLimits(context.limits, context.state)
  } catch (error) {
    context.stop.fail(error)
    throw error
  }
}

/** Passes pieces on during the call. */
function whileRunning(onPiece: (piece: Piece) => void, signal: AbortSignal): (piece: Piece) => void {
  return (piece) => {
    if (!signal.aborted) onPiece(piece)
  }
}

/**
 * The prompt of a replayed call should equal the one that was sent; if it does not, the recorded answer is still used.
 */
function warnIfChanged({ log }: RunContext, key: string, recorded: unknown, now: PromptRecord): void {
  const before = typeof recorded === 'object' && recorded !== null && 'fingerprint' in recorded
  if (before && recorded.fingerprint === now.fingerprint) return
  log?.warn({ step: key }, 'a recorded model call is reused although its prompt has changed')
}
