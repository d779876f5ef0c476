import type { JsonSchema } from '../contract/toolParts.ts'

/** A question that the other side of a call has for a person. */
export type Question = {
  /** Names it among the questions that come together. */
  name: string
  message: string
  /** What an answer must fit: a schema of an object. */
  schema: JsonSchema
}

/** Questions that come together: the call goes on when all of them are answered. */
export type QuestionRound = {
  questions: Question[]
  /** What the other side wants back with the answers, as a JSON value. */
  state?: string
}

export type Answer =
  | { action: 'accept'; content: Record<string, unknown> }
  | { action: 'decline'; reason: string | null }
  /** Nobody answered in time. */
  | { action: 'cancel' }

export type AnsweredRound = QuestionRound & { answers: Answer[] }

/** Ends a call that cannot go on before a person has answered. It is made again with the answers. */
export class QuestionAsked extends Error {
  readonly round: QuestionRound

  constructor(round: QuestionRound) {
    super('the call waits for an answer')
    this.name = 'QuestionAsked'
    this.round = round
  }
}

/** The answer that a schema itself suggests: the defaults of its properties. */
export function suggestedAnswer({ properties }: JsonSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(Object(properties)).flatMap(([name, property]) => {
      const value: unknown = Object(property).default
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
