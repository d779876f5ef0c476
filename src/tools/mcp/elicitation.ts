import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../../contract/toolParts.ts'
import { isObject } from '../../contract/jsonObject.ts'
import { toStorable } from '../../contract/storable.ts'
import { checkJsonSchema } from '../schemas/jsonSchema.ts'
import type { Answer, AnsweredRound, Question } from '../question.ts'
import { isAtMostLarge } from '../size.ts'
import { McpError } from './mcpError.ts'

/** The answer to a question in the form of the protocol. */
export type ElicitAnswer = {
  action: 'accept' | 'decline' | 'cancel'
  content?: Record<string, string | number | boolean | string[]>
}

/** Rounds of questions that one call may take. */
export const MAX_ROUNDS = 10

/** Questions that may come together. */
const MAX_QUESTIONS = 10

/** Characters of a question with its schema. */
const MAX_QUESTION = 50_000

/**
 * Reads the questions that a server asks, without secrets.
 *
 * @param requests requests of the protocol, by name
 * @throws McpError for questions that nobody could be asked
 */
export async function readQuestions(
  requests: Record<string, unknown>,
  redact: (text: string) => string,
): Promise<Question[]> {
  const entries = Object.entries(requests)
  if (entries.length > MAX_QUESTIONS) {
    throw new McpError('answered', `the server asks more than ${MAX_QUESTIONS} questions at once`)
  }
  return Promise.all(entries.map(([name, request]) => readQuestion(name, request, redact)))
}

async function readQuestion(
  name: string,
  request: unknown,
  redact: (text: string) => string,
): Promise<Question> {
  const { method, params } = Object(request)
  if (method !== 'elicitation/create') {
    throw new McpError('answered', `the server asks for ${String(method)}, which is not supported`)
  }
  const { mode = 'form', message, requestedSchema: schema } = Object(params)
  if (mode !== 'form') {
    throw new McpError('answered', 'the server asks a person to open a web page, which is not supported')
  }
  if (typeof message !== 'string' || !isSchema(schema)) {
    throw new McpError('answered', 'the server asks a question without a message or a schema of an object')
  }
  if (!isAtMostLarge([name, message, schema], MAX_QUESTION)) {
    throw new McpError('answered', `the server asks a question of more than ${MAX_QUESTION} characters`)
  }
  const check = await checkJsonSchema(schema)
  if (!check.ok) {
    throw new McpError('answered', `the server asks a question whose schema cannot be used: ${check.detail}`)
  }
  return { name, ...toStorable({ message, schema }, redact) }
}

function isSchema(value: unknown): value is JsonSchema {
  return isObject(value) && value['type'] === 'object'
}

/** The answers to questions that came together, by the names of the questions. */
export function toResponses({ questions, answers }: AnsweredRound): Record<string, ElicitAnswer> {
  return Object.fromEntries(
    questions.map(({ name }, at): [string, ElicitAnswer] => [name, toElicitAnswer(answers[at])]),
  )
}

/** Answers that a person has given to questions that a server of 2025 asks anew: each is given once. */
export function createAnswerBook(
  rounds: readonly AnsweredRound[],
): (question: Question) => ElicitAnswer | undefined {
  const left = rounds
    .filter(({ state }) => state === undefined)
    .flatMap(({ questions, answers }) => questions.map((question, at) => ({ question, answer: answers[at] })))
  return ({ message, schema }) => {
    const found = left.findIndex(({ question }) =>
      isDeepStrictEqual([question.message, question.schema], [message, schema]),
    )
    return found < 0 ? undefined : toElicitAnswer(left.splice(found, 1)[0]?.answer)
  }
}

function toElicitAnswer(answer: Answer | undefined): ElicitAnswer {
  if (answer?.action !== 'accept') return { action: answer?.action ?? 'cancel' }
  return { action: 'accept', content: plainContent(answer.content) }
}

/** Forms hold texts, numbers, truth values and lists of texts. */
function plainContent(content: Record<string, unknown>): NonNullable<ElicitAnswer['content']> {
  const plain: NonNullable<ElicitAnswer['content']> = {}
  for (const [name, value] of Object.entries(content)) {
    if (Array.isArray(value)) plain[name] = value.map(String)
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      plain[name] = value
    }
  }
  return plain
}

/** What the model is told about answers that were refused, with the reasons of people; undefined for none. */
export function describeRefusals(rounds: readonly AnsweredRound[]): string | undefined {
  const reasons = rounds
    .flatMap(({ answers }) => answers)
    .flatMap((answer) => {
      if (answer.action === 'cancel') return "Nobody answered the server's question in time."
      if (answer.action === 'accept') return []
      const reason = answer.reason ? ` The reason: ${answer.reason}` : ''
      return `A person declined to answer the server's question.${reason}`
    })
  return reasons.length > 0 ? [...new Set(reasons)].join(' ') : undefined
}
