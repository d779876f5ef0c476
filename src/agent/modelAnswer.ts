import type { LanguageModelV4Content, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { isAtMostDeep } from '../contract/depth.ts'
import { mayHoldThoughts, splitThoughts } from '../models/local/thoughts.ts'
import { fromTaggedJson, toTaggedJson } from './taggedJson.ts'

/**
 * What is kept of a model's answer: all that the loop and the next call need, in a form that does not depend
 * on how it was fetched. Bodies and headers of the HTTP exchange go, and so do warnings. What servers get
 * wrong is mended: calls with the same id are told apart, since results are matched by it, an answer that calls
 * tools counts as one whatever reason it gives for its end, thoughts within the text become thoughts, and arguments
 * that are nothing become an empty object.
 */
export function keepAnswer(result: LanguageModelV4GenerateResult): LanguageModelV4GenerateResult {
  const { content, finishReason, usage, providerMetadata, structuredOutputText, response } = result
  return {
    content: uniqueCallIds(content.flatMap(repairPart)),
    finishReason:
      finishReason.unified === 'other' && content.some(({ type }) => type === 'tool-call')
        ? { ...finishReason, unified: 'tool-calls' }
        : finishReason,
    usage,
    warnings: [],
    ...(providerMetadata ? { providerMetadata } : {}),
    ...(structuredOutputText === undefined ? {} : { structuredOutputText }),
    ...(response ? { response: pickResponse(response) } : {}),
  }
}

/** JSON that nests deeper than people or programs write it; what walks through it would overflow the stack. */
const MAX_DEPTH = 500

/** Whether the arguments of a tool call in an answer nest too deep to be handled. Those that are no JSON do not. */
export function isTooDeep({ content }: LanguageModelV4GenerateResult): boolean {
  return content.some((part) => part.type === 'tool-call' && !isAtMostDeep(parse(part.input), MAX_DEPTH))
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** An answer as a JSON value, for the journal. */
export function answerToRow(answer: LanguageModelV4GenerateResult): unknown {
  return toTaggedJson(answer)
}

/**
 * The answer that a row of the journal holds.
 *
 * @throws Error when the row holds something else
 */
export function answerFromRow(output: unknown): LanguageModelV4GenerateResult {
  const answer = fromTaggedJson(output)
  if (!isAnswer(answer)) throw new Error('a row of the journal does not hold the answer of a model')
  return answer
}

/** The same answer as if no tool had been called in it. */
export function withoutToolCalls(answer: LanguageModelV4GenerateResult): LanguageModelV4GenerateResult {
  const content = answer.content.filter(({ type }) => type !== 'tool-call')
  if (content.length === answer.content.length) return answer
  return { ...answer, content, finishReason: { ...answer.finishReason, unified: 'stop' } }
}

/** Whether an answer met the output limit of its model, and not the call of a tool: the next step goes on with it. */
export function isCutAnswer({ finishReason, content }: LanguageModelV4GenerateResult): boolean {
  return finishReason.unified === 'length' && content.every(({ type }) => type !== 'tool-call')
}

function isAnswer(value: unknown): value is LanguageModelV4GenerateResult {
  return (
    typeof value === 'object' &&
    value !== null &&
    'content' in value &&
    Array.isArray(value.content) &&
    'finishReason' in value &&
    'usage' in value
  )
}

function pickResponse({
  id,
  timestamp,
  modelId,
}: NonNullable<LanguageModelV4GenerateResult['response']>): NonNullable<
  LanguageModelV4GenerateResult['response']
> {
  return { ...(id ? { id } : {}), ...(timestamp ? { timestamp } : {}), ...(modelId ? { modelId } : {}) }
}

function repairPart(part: LanguageModelV4Content): LanguageModelV4Content[] {
  if (part.type === 'tool-call') {
    const input = repairArguments(part.input)
    return [input === part.input ? part : { ...part, input }]
  }
  if (part.type !== 'text' || !mayHoldThoughts(part.text)) return [part]
  return splitThoughts(part.text).map((piece) => ({ ...part, ...piece }))
}

/** Arguments in the forms that models give to none, and JSON that was written as JSON once more. */
function repairArguments(input: string): string {
  const text = input.trim()
  if (text === '' || text === 'null' || text === '"null"' || text === '""') return '{}'
  if (!text.startsWith('"')) return input
  const inner = parse(text)
  return typeof inner === 'string' && /^\s*\{/.test(inner) && parse(inner) !== undefined ? inner : input
}

function uniqueCallIds(content: LanguageModelV4Content[]): LanguageModelV4Content[] {
  const seen = new Set<string>()
  let repeated = false
  for (const part of content) {
    if (part.type !== 'tool-call') continue
    repeated ||= seen.has(part.toolCallId)
    seen.add(part.toolCallId)
  }
  if (!repeated) return content

  const given = new Set<string>()
  return content.map((part) => {
    if (part.type !== 'tool-call') return part
    let id = part.toolCallId
    for (let count = 2; given.has(id) || (id !== part.toolCallId && seen.has(id)); count++) {
      id = `${part.toolCallId}-${count}`
    }
    given.add(id)
    return id === part.toolCallId ? part : { ...part, toolCallId: id }
  })
}
