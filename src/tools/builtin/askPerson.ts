import { toStorable } from '../../contract/storable.ts'
import type { JsonSchema } from '../../contract/toolParts.ts'
import { createArgumentCheck } from '../schemas/argumentCheck.ts'
import { QuestionAsked, type Answer } from '../question.ts'
import type { RunTool } from '../tool.ts'

/** Characters of an answer. */
const MAX_ANSWER = 10_000

const DESCRIPTION =
  'Asks a person a question, and returns the answer. Use it when you cannot go on without a decision or a piece of ' +
  'information that only a person has. The person sees the question alone: say all that is needed to answer it. With ' +
  '"choices" the answer is one of them, otherwise a text. It can take hours; waiting costs nothing.'

const PARAMETERS = {
  type: 'object',
  properties: {
    question: { type: 'string', minLength: 1, maxLength: 4_000 },
    choices: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 200 },
      maxItems: 20,
      uniqueItems: true,
      description: 'The possible answers; leave it out to let the person write',
    },
  },
  required: ['question'],
  additionalProperties: false,
}

/** The built-in tool `ask_person`. */
export function createAskPerson(): RunTool {
  const input = createArgumentCheck(PARAMETERS)
  return {
    name: 'ask_person',
    description: DESCRIPTION,
    parameters: PARAMETERS,
    access: 'read',
    idempotent: true,
    isRecorded: true,
    isTrusted: true,
    check: input.check,
    call: async (args, { answered = [] }) => {
      const { question, choices } = toStorable(input.read(args)) as Asked
      const answer = answered.at(-1)?.answers[0]
      if (answer) return describe(answer)
      throw new QuestionAsked({
        questions: [{ name: 'answer', message: question, schema: answerSchema(choices) }],
      })
    },
  }
}

type Asked = { question: string; choices?: string[] }

function answerSchema(choices: string[] | undefined): JsonSchema {
  const answer = choices?.length
    ? { type: 'string', enum: [...new Set(choices)] }
    : { type: 'string', minLength: 1, maxLength: MAX_ANSWER }
  return { type: 'object', properties: { answer }, required: ['answer'], additionalProperties: false }
}

function describe(answer: Answer): object {
  switch (answer.action) {
    case 'accept':
      return { answer: answer.content['answer'] }
    case 'decline':
      return { declined: true, ...(answer.reason === null ? {} : { reason: answer.reason }) }
    case 'cancel':
      return { timed_out: true }
  }
}
