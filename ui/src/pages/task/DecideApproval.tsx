import { Button, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { fieldErrors } from '../../api/fieldErrors.ts'
import { taskQuery, waitingQuery } from '../../api/queries.ts'
import type { Approval } from '../../api/types.ts'
import { Json } from '../../components/Code.tsx'
import { Problem } from '../../components/Notice.tsx'
import { parseJson, prettyJson } from '../../lib/json.ts'
import { AnswerQuestion, isSimple } from './AnswerQuestion.tsx'
import classes from './DecideApproval.module.css'

type Decision =
  { path: 'approve'; body: { arguments?: unknown } } | { path: 'deny'; body: { reason: string } }

/** Lets a person decide about one call: as it is, with other arguments, or not at all; or answer a question. */
export function DecideApproval({ approval }: { approval: Approval }) {
  const isQuestion = approval.question !== null
  const [way, setWay] = useState<'choose' | 'edit' | 'deny'>('choose')
  const client = useQueryClient()
  const decide = useMutation({
    mutationFn: ({ path, body }: Decision) => call('POST', `api/approvals/${approval.id}/${path}`, { body }),
    // Also when somebody else was first: the task then says how it was decided.
    onSettled: () =>
      Promise.all(
        [taskQuery(approval.task_id), waitingQuery].map(({ queryKey }) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  })
  const back = (): void => {
    decide.reset()
    setWay('choose')
  }

  if (way === 'choose' && isSimple(approval)) {
    return (
      <>
        <AnswerQuestion
          approval={approval}
          answer={{
            send: (answer) => decide.mutate({ path: 'approve', body: { arguments: answer } }),
            isPending: decide.isPending,
            error: decide.error,
          }}
        />
        <div className={classes.choices}>
          <Button variant="default" disabled={decide.isPending} onClick={() => setWay('deny')}>
            Decline
          </Button>
        </div>
      </>
    )
  }
  if (way === 'edit') return <Edit approval={approval} decide={decide} onBack={back} />
  if (way === 'deny') return <Deny decide={decide} onBack={back} isQuestion={isQuestion} />
  return (
    <>
      {decide.isError && <Problem error={decide.error} />}
      <div className={classes.choices}>
        {!isQuestion && (
          <Button loading={decide.isPending} onClick={() => decide.mutate({ path: 'approve', body: {} })}>
            Approve
          </Button>
        )}
        <Button
          variant={isQuestion ? 'filled' : 'default'}
          disabled={decide.isPending}
          onClick={() => setWay('edit')}
        >
          {isQuestion ? 'Answer' : 'Edit arguments'}
        </Button>
        <Button variant="default" disabled={decide.isPending} onClick={() => setWay('deny')}>
          {isQuestion ? 'Decline' : 'Deny'}
        </Button>
      </div>
    </>
  )
}

type Decide = {
  mutate: (decision: Decision) => void
  isPending: boolean
  isError: boolean
  error: unknown
}

function Edit({ approval, decide, onBack }: { approval: Approval; decide: Decide; onBack: () => void }) {
  const isQuestion = approval.question !== null
  const [text, setText] = useState(prettyJson(approval.arguments))
  const parsed = parseJson(text)
  const { fields, rest } = fieldErrors(decide.error, ['arguments'])
  const wrong = [fields.arguments, ...rest].filter((line) => line !== undefined).join('\n')

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    if (parsed.ok) decide.mutate({ path: 'approve', body: { arguments: parsed.value } })
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <Textarea
        label={isQuestion ? 'Answer' : 'Arguments'}
        description={
          isQuestion
            ? 'JSON that matches the schema of the question. The tool continues with it.'
            : 'The tool is called with these arguments. The model is informed of the edit.'
        }
        classNames={{ input: classes.code }}
        autosize
        minRows={3}
        maxRows={20}
        spellCheck={false}
        data-autofocus
        autoFocus
        value={text}
        error={parsed.ok ? wrong || undefined : parsed.error}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {isQuestion && (
        <Json label={`Schema of the question of ${approval.tool}`} value={approval.parameters} />
      )}
      {decide.isError && wrong === '' && <Problem error={decide.error} />}
      <div className={classes.choices}>
        <Button type="submit" loading={decide.isPending} disabled={!parsed.ok}>
          {isQuestion ? 'Send answer' : 'Approve with edits'}
        </Button>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  )
}

function Deny({ decide, onBack, isQuestion }: { decide: Decide; onBack: () => void; isQuestion: boolean }) {
  const [reason, setReason] = useState('')

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    decide.mutate({ path: 'deny', body: { reason } })
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        label="Reason"
        description="Optional. Passed to the model, which then continues."
        maxLength={2_000}
        autoFocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {decide.isError && <Problem error={decide.error} />}
      <div className={classes.choices}>
        <Button type="submit" color="red" loading={decide.isPending}>
          {isQuestion ? 'Decline to answer' : 'Deny call'}
        </Button>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  )
}
