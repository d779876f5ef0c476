import {
  QuestionAsked,
  suggestedAnswer,
  type Answer,
  type AnsweredRound,
  type QuestionRound,
} from '../../tools/question.ts'
import type { RunTool } from '../../tools/tool.ts'
import type { Step } from '../../contract/step.ts'
import type { ApprovalRequest, Decision } from '../../contract/decision.ts'

/**
 * What the journal holds for a call that asks people something: every round of questions so far. While `waiting` the
 * call has ended and can be made again; otherwise it was made again with the answers.
 */
type Asked = { rounds: QuestionRound[]; waiting: boolean }

/** The output of a row for a call that has asked something. */
export function askedOutput(rounds: readonly QuestionRound[], { waiting }: { waiting: boolean }): Asked {
  return {
    rounds: rounds.map(({ questions, state }) => ({ questions, ...(state === undefined ? {} : { state }) })),
    waiting,
  }
}

/** What a call has asked, by its row. */
export function askedIn(row: Step | undefined): Asked {
  const output: unknown = row?.state === 'started' ? row.output : undefined
  return isAsked(output) ? output : { rounds: [], waiting: false }
}

/**
 * The answers that people have given to a call.
 *
 * @throws QuestionAsked when the questions of its last round are not all decided
 */
export function answersOf(
  { rounds }: Asked,
  key: string,
  decisions: (key: string) => Decision | undefined,
): AnsweredRound[] {
  return rounds.map((round, at) => ({
    ...round,
    answers: round.questions.map(({ schema }, which) => {
      const decision = decisions(questionKey(key, at, which))
      if (!decision) throw new QuestionAsked(round)
      return toAnswer(decision, suggestedAnswer(schema))
    }),
  }))
}

/** The questions of a round as requests for people. */
export function questionRequests(
  { name, access }: RunTool,
  { key, step, round, at }: { key: string; step: number; round: QuestionRound; at: number },
): ApprovalRequest[] {
  return round.questions.map(({ message, schema }, which) => ({
    key: questionKey(key, at, which),
    tool: name,
    access,
    step,
    question: message,
    arguments: suggestedAnswer(schema),
    parameters: schema,
  }))
}

function questionKey(key: string, round: number, which: number): string {
  return `${key}/question/${round}/${which}`
}

function toAnswer(decision: Decision, suggested: Record<string, unknown>): Answer {
  switch (decision.state) {
    case 'approved':
      return { action: 'accept', content: Object(decision.editedArguments ?? suggested) }
    case 'denied':
      return { action: 'decline', reason: decision.reason }
    case 'expired':
      return { action: 'cancel' }
  }
}

function isAsked(value: unknown): value is Asked {
  return typeof value === 'object' && value !== null && 'rounds' in value && Array.isArray(value.rounds)
}
