import type { LanguageModelV4Content, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { isAtMostDeep } from '../../contract/depth.ts'
import { mayHoldThoughts, splitThoughts } from '../../models/local/thoughts.ts'
import { fromTaggedJson, toTaggedJson } from './taggedJson.ts'

/**
 * The part of a model's answer that is stored: everything that the loop and the next call need, in a form independent
 * of how it was fetched. Bodies and headers of the HTTP exchange are dropped, and so are warnings. Common server faults
 * are repaired: duplicate call ids are made unique, since results are matched by id; an answer with tool calls counts
 * as one whatever its finish reason; reasoning within the text becomes reasoning parts; empty arguments become an empty
 * object.
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

/** JSON nested deeper than people or programs write it would overflow the stack of recursive code. */
const MAX_DEPTH = 500

/** Whether the arguments of a tool call are nested too deeply to be handled. Arguments that are not JSON are not. */
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
 * Reads the answer stored in a journal row.
 *
 * @throws Error when the row contains something else
 */
export function answerFromRow(output: unknown): LanguageModelV4GenerateResult {
  const answer = fromTaggedJson(output)
  if (!isAnswer(answer)) throw new Error('a journal row does not contain a model answer')
  return answer
}

/** The same answer without its tool calls. */
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

/** The forms in which models write empty arguments, and JSON encoded twice. */
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
