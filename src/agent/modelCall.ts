import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4Middleware,
} from '@ai-sdk/provider'
import { wrapLanguageModel } from 'ai'
import { collectStream } from './collectStream.ts'
import { fenceResults } from './fence.ts'
import { answerFromRow, answerToRow, keepAnswer } from './modelAnswer.ts'
import type { PromptRecord } from './promptRecord.ts'
import { incompleteAnswer, toRunFailure } from './providerError.ts'
import type { Piece } from './run.ts'
import type { RunContext } from './runContext.ts'
import { modelStepKey } from './stepKey.ts'
import { addUsage, usageOfCall } from './usage.ts'

export type ModelCallOptions = {
  model: LanguageModelV4
  context: RunContext
  recordPrompt: (options: LanguageModelV4CallOptions) => PromptRecord
  responseFormat: LanguageModelV4CallOptions['responseFormat']
  /** Takes keys out of what a provider says. */
  redact: (text: string) => string
}

type Call = Parameters<NonNullable<LanguageModelV4Middleware['wrapGenerate']>>[0]

/**
 * Wraps a model for one step of a run. A call that the journal holds is answered from there; any other is
 * made, and its answer is in the journal before anybody sees it. Somebody who reads along gets the pieces as
 * they come, from a call that is made, not from one that is answered from the journal: those were seen.
 *
 * The model streams within a call that does not, so that one loop serves both, and streaming costs only the
 * reading of the stream.
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
        const answer = await callModel(step, options, call)
        context.lastAnswer = answer
        context.usage = addUsage(context.usage, usageOfCall(answer.usage, undefined))
        for (const { type } of answer.content) {
          if (type === 'text') context.spoken.add('answer')
          if (type === 'reasoning') context.spoken.add('thought')
        }
        return answer
      },
    },
  })
}

async function callModel(
  step: number,
  { context, recordPrompt, redact }: ModelCallOptions,
  { model, params }: Call,
): Promise<LanguageModelV4GenerateResult> {
  const { stop, journal, modelRef } = context
  stop.signal.throwIfAborted()
  const key = modelStepKey(step)
  const input = recordPrompt(params)
  const row = journal.find(key)
  if (row?.state === 'done') {
    warnIfChanged(context, key, row.input, input)
    return answerFromRow(row.output)
  }

  const sent = { ...params, prompt: fenceResults(params.prompt, context) }
  const startedAt = new Date()
  let result: LanguageModelV4GenerateResult
  try {
    result =
      context.onPiece && context.isWatched()
        ? await collectStream(await model.doStream(sent), pieceSender(context, context.onPiece))
        : await model.doGenerate(sent)
  } catch (error) {
    stop.signal.throwIfAborted()
    throw toRunFailure(error, { modelRef, redact })
  }
  const incomplete = incompleteAnswer(result.finishReason, modelRef)
  if (incomplete) throw incomplete

  const answer = keepAnswer(result)

  await journal.finish({
    key,
    kind: 'model',
    name: modelRef,
    step,
    state: 'done',
    input,
    output: answerToRow(answer),
    usage: usageOfCall(answer.usage, undefined),
    startedAt,
    finishedAt: new Date(),
  })
  return answer
}

/** Hands pieces over while the run lasts; a paragraph begins where the text of an earlier step ended. */
function pieceSender({ stop, spoken }: RunContext, onPiece: (piece: Piece) => void): (piece: Piece) => void {
  const interrupted = new Set(spoken)
  return (piece) => {
    if (stop.signal.aborted) return
    if (interrupted.delete(piece.type)) onPiece({ type: piece.type, text: '\n\n' })
    onPiece(piece)
  }
}

/** The prompt of a replayed call should be the one that was sent; if not, its answer still stands. */
function warnIfChanged({ log }: RunContext, key: string, recorded: unknown, now: PromptRecord): void {
  const before = typeof recorded === 'object' && recorded !== null && 'fingerprint' in recorded
  if (before && recorded.fingerprint === now.fingerprint) return
  log?.warn({ step: key }, 'a recorded model call is used although its prompt is not the same any more')
}
