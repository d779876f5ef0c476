import { Button, TextInput } from '@mantine/core'
import { useState, type SyntheticEvent } from 'react'
import { onlyChoice, type AnswerField } from '../../../../src/contract/answerFields.ts'
import type { Approval } from '../../api/types.ts'
import { Problem } from '../../components/Notice.tsx'
import { ArgumentsForm } from './ArgumentsForm.tsx'
import classes from './Decision.module.css'
import { argumentErrors, useDecide } from './useDecide.ts'

export type Way = 'choose' | 'approve' | 'edit' | 'deny'

/**
 * Lets a person decide about one call, or answer a question. Approving and denying take the same two steps, so that
 * the risky one is not the easier one.
 */
export function Decision({
  approval,
  way,
  onWay,
}: {
  approval: Approval
  way: Way
  onWay: (way: Way) => void
}) {
  const isQuestion = approval.question !== null
  const choice = isQuestion ? onlyChoice(approval.parameters) : undefined
  const decide = useDecide(approval)
  const errors = argumentErrors(decide.error)
  const back = (): void => {
    decide.reset()
    onWay('choose')
  }

  switch (way) {
    case 'edit':
      return (
        <>
          {decide.isError && Object.keys(errors).length === 0 && <Problem error={decide.error} />}
          <ArgumentsForm
            approval={approval}
            errors={errors}
            busy={decide.isPending}
            submit={isQuestion ? 'Send answer' : 'Approve with edits'}
            onSubmit={(value) => decide.mutate({ path: 'approve', body: { arguments: value } })}
            onBack={back}
          />
        </>
      )
    case 'approve':
      return (
        <div className={classes.confirm} role="group" aria-label="Confirm approval">
          <p>
            {approval.access === 'write'
              ? 'The tool is called with these arguments as soon as you approve. This cannot be undone.'
              : 'The tool is called with these arguments as soon as you approve.'}
          </p>
          {decide.isError && <Problem error={decide.error} />}
          <div className={classes.choices}>
            <Button
              autoFocus
              loading={decide.isPending}
              onClick={() => decide.mutate({ path: 'approve', body: {} })}
            >
              Approve call
            </Button>
            <Button variant="default" onClick={back}>
              Back
            </Button>
          </div>
        </div>
      )
    case 'deny':
      return (
        <Deny
          isQuestion={isQuestion}
          busy={decide.isPending}
          error={decide.isError ? decide.error : undefined}
          onDeny={(reason) => decide.mutate({ path: 'deny', body: { reason } })}
          onBack={back}
        />
      )
    case 'choose':
      return (
        <div className={classes.choices}>
          {choice ? (
            <Choices
              field={choice}
              busy={decide.isPending}
              error={decide.isError ? decide.error : undefined}
              onChoose={(answer) => decide.mutate({ path: 'approve', body: { arguments: answer } })}
            />
          ) : isQuestion ? (
            <Button onClick={() => onWay('edit')}>Answer</Button>
          ) : (
            <Button onClick={() => onWay('approve')}>Approve</Button>
          )}
          <Button variant="default" onClick={() => onWay('deny')}>
            {isQuestion ? 'Decline' : 'Deny'}
          </Button>
          {!isQuestion && (
            <Button variant="subtle" onClick={() => onWay('edit')}>
              Edit arguments
            </Button>
          )}
        </div>
      )
  }
}

/** A button for each choice of a question. */
function Choices({
  field: { name, choices },
  busy,
  error,
  onChoose,
}: {
  field: AnswerField
  busy: boolean
  error: unknown
  onChoose: (answer: Record<string, unknown>) => void
}) {
  return (
    <>
      {error !== undefined && <Problem error={error} />}
      {choices.map(({ value, label }) => (
        <Button key={value} disabled={busy} onClick={() => onChoose({ [name]: value })}>
          {label}
        </Button>
      ))}
    </>
  )
}

function Deny({
  isQuestion,
  busy,
  error,
  onDeny,
  onBack,
}: {
  isQuestion: boolean
  busy: boolean
  error: unknown
  onDeny: (reason: string) => void
  onBack: () => void
}) {
  const [reason, setReason] = useState('')

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    onDeny(reason)
  }

  return (
    <form onSubmit={submit} className={classes.confirm} aria-label="Confirm denial">
      <TextInput
        label="Reason"
        description="Optional. Passed to the model, which then continues."
        maxLength={2_000}
        autoFocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {error !== undefined && <Problem error={error} />}
      <div className={classes.choices}>
        <Button type="submit" color="red" loading={busy}>
          {isQuestion ? 'Decline to answer' : 'Deny call'}
        </Button>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  )
}
