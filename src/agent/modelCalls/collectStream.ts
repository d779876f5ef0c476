import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Reasoning,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  LanguageModelV4Text,
} from '@ai-sdk/provider'
import type { AnswerMeter } from '../../models/answerMeter.ts'
import type { Piece } from '../runInput.ts'

/** An error reported by the provider in the middle of a stream, or a stream that ended too early. */
export class StreamError extends Error {
  /** Whether part of an answer had arrived before. */
  readonly begun: boolean

  constructor(cause: unknown, begun: boolean) {
    super("the model's stream was interrupted", { cause })
    this.name = 'StreamError'
    this.begun = begun
  }
}

/**
 * Reads a model's stream to its end, passes on each piece of text as it arrives, and returns the whole answer in the
 * form that a call without streaming returns.
 *
 * @param meter counts what the model writes, while it writes it
 * @throws StreamError when the stream reports an error or ends before it is finished; what the meter throws
 */
export async function collectStream(
  { stream, response }: LanguageModelV4StreamResult,
  onPiece: (piece: Piece) => void,
  meter?: AnswerMeter,
): Promise<LanguageModelV4GenerateResult> {
  const content: LanguageModelV4Content[] = []
  const open = new Map<string, LanguageModelV4Text | LanguageModelV4Reasoning>()
  let metadata: LanguageModelV4GenerateResult['response'] = response
  let end: Extract<LanguageModelV4StreamPart, { type: 'finish' }> | undefined
  let begun = false
  const broken = (cause: unknown): StreamError => new StreamError(cause, begun)

  for await (const part of readStream(stream, broken)) {
    begun ||=
      part.type === 'response-metadata' || (part.type.endsWith('-start') && part.type !== 'stream-start')
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start': {
        const block = { type: kindOf(part.type), text: '', ...metadataOf(part) }
        open.set(`${block.type} ${part.id}`, block)
        content.push(block)
        break
      }
      case 'text-delta':
      case 'reasoning-delta': {
        const kind = kindOf(part.type)
        const block = open.get(`${kind} ${part.id}`)
        if (!block) throw broken(new Error(`it continues a ${kind} that was never started`))
        meter?.wrote(Buffer.byteLength(part.delta))
        block.text += part.delta
        Object.assign(block, metadataOf(part))
        if (part.delta !== '') onPiece({ type: kind === 'text' ? 'answer' : 'thought', text: part.delta })
        break
      }
      case 'text-end':
      case 'reasoning-end': {
        const key = `${kindOf(part.type)} ${part.id}`
        const citations = part.type === 'text-end' && part.citations ? { citations: part.citations } : {}
        Object.assign(open.get(key) ?? {}, metadataOf(part), citations)
        open.delete(key)
        break
      }
      case 'response-metadata': {
        const { type: _, ...rest } = part
        metadata = { ...metadata, ...rest }
        break
      }
      case 'finish':
        end = part
        break
      case 'error':
        throw broken(part.error)
      case 'tool-input-delta':
        meter?.wrote(Buffer.byteLength(part.delta))
        break
      case 'stream-start':
      case 'tool-input-start':
      case 'tool-input-end':
      case 'ping':
      case 'raw':
        break
      default:
        content.push(part)
    }
  }

  if (!end) throw broken(new Error('it ended before the answer was complete'))
  return {
    content: content.filter((part) => !isEmpty(part)),
    finishReason: end.finishReason,
    usage: end.usage,
    warnings: [],
    ...(end.providerMetadata ? { providerMetadata: end.providerMetadata } : {}),
    ...(metadata ? { response: metadata } : {}),
  }
}

/** A connection that breaks in the middle is a stream error, too. */
async function* readStream(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  broken: (cause: unknown) => StreamError,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw broken(error)
      })
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function kindOf(type: `text-${string}` | `reasoning-${string}`): 'text' | 'reasoning' {
  return type.startsWith('text') ? 'text' : 'reasoning'
}

function metadataOf<M>({ providerMetadata }: { providerMetadata?: M }): { providerMetadata?: M } {
  return providerMetadata === undefined ? {} : { providerMetadata }
}

function isEmpty(part: LanguageModelV4Content): boolean {
  return (part.type === 'text' || part.type === 'reasoning') && part.text === '' && !part.providerMetadata
}
