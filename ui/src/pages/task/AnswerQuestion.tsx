import { Button, Textarea } from '@mantine/core'
import { useState, type SyntheticEvent } from 'react'
import { answerFields, onlyChoice, type AnswerField } from '../../../../src/contract/answerFields.ts'
import { fieldErrors } from '../../api/fieldErrors.ts'
import type { Approval } from '../../api/types.ts'
import { Problem } from '../../components/Notice.tsx'
import classes from './DecideApproval.module.css'

/** How an answer is sent. */
export type SendAnswer = {
  send: (answer: Record<string, unknown>) => void
  isPending: boolean
  error: unknown
}

/** Whether a question can be answered with one click or one text. */
export function isSimple({ question, parameters }: Approval): boolean {
  return question !== null && (onlyChoice(parameters) ?? onlyText(parameters)) !== undefined
}

/** The answer to a simple question: a button for each choice, or a text. */
export function AnswerQuestion({ approval, answer }: { approval: Approval; answer: SendAnswer }) {
  const choice = onlyChoice(approval.parameters)
  const text = onlyText(approval.parameters)
  if (choice) {
    return (
      <>
        {answer.error !== null && <Problem error={answer.error} />}
        <div className={classes.choices}>
          {choice.choices.map(({ value, label }) => (
            <Button
              key={value}
              disabled={answer.isPending}
              onClick={() => answer.send({ [choice.name]: value })}
            >
              {label}
            </Button>
          ))}
        </div>
      </>
    )
  }
  return text && <TextAnswer field={text} answer={answer} />
}

function TextAnswer({ field, answer }: { field: AnswerField; answer: SendAnswer }) {
  const [text, setText] = useState(typeof field.suggested === 'string' ? field.suggested : '')
  const { fields, rest } = fieldErrors(answer.error, ['arguments'])
  const wrong = [fields.arguments, ...rest].filter((line) => line !== undefined).join('\n')

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    answer.send({ [field.name]: text })
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <Textarea
        label={field.name === 'answer' ? 'Answer' : field.label}
        description={field.description}
        autosize
        minRows={2}
        maxRows={20}
        required
        withAsterisk={false}
        value={text}
        error={wrong || undefined}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {answer.error !== null && wrong === '' && <Problem error={answer.error} />}
      <div className={classes.choices}>
        <Button type="submit" loading={answer.isPending}>
          Send answer
        </Button>
      </div>
    </form>
  )
}

/** The only field of an answer, if it is a text. */
function onlyText(schema: Record<string, unknown>): AnswerField | undefined {
  const [field, ...more] = answerFields(schema)
  return more.length === 0 && field?.kind === 'text' ? field : undefined
}
