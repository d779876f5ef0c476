import { Button, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import type { IgnoredAnswer, TriggerAnswer, Webhook } from '../../api/types.ts'
import { Notice, Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import type { Parsed } from '../../lib/json.ts'
import { REASONS } from '../../lib/reasons.ts'
import { LiveTask } from '../task/LiveTask.tsx'
import classes from './SendTest.module.css'

/** Starts the agent the way any caller does, through its webhook, and shows what becomes of it. */
export function SendTest({
  webhook,
  payload,
  parsed,
  onChange,
}: {
  webhook: Webhook
  payload: string
  parsed: Parsed
  onChange: (payload: string) => void
}) {
  const send = useMutation({
    // Its path on this server: the public URL may lead around by a proxy.
    mutationFn: (body: unknown) =>
      call<unknown>('POST', `api/webhooks/agents/${webhook.url.split('/').at(-1) ?? ''}`, {
        body,
        headers: { prefer: 'stream' },
      }),
  })

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    if (parsed.ok) send.mutate(parsed.value)
  }

  return (
    <Panel title="Try it">
      <form onSubmit={submit} className={classes.form}>
        <Textarea
          label="Payload"
          description="Any JSON, as a caller would send it."
          classNames={{ input: classes.payload }}
          autosize
          minRows={4}
          maxRows={16}
          spellCheck={false}
          value={payload}
          error={parsed.ok ? undefined : parsed.error}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" loading={send.isPending} disabled={!webhook.enabled || !parsed.ok}>
            Send test
          </Button>
        </div>
      </form>
      {!webhook.enabled && <p className={classes.off}>The webhook is off. Turn it on to send a test.</p>}
      {send.isError && <Problem error={send.error} />}
      {send.isSuccess && <Outcome answer={send.data} webhook={webhook} />}
    </Panel>
  )
}

/** What became of the request: a task, nothing, or something that only the webhook's own response says. */
function Outcome({ answer, webhook }: { answer: unknown; webhook: Webhook }) {
  if (isAnswer<IgnoredAnswer>(answer, 'reason')) {
    return (
      <Notice title={`No task was started: ${REASONS[answer.reason].toLowerCase()}`}>
        <Link to="/rejections" search={{ webhook: webhook.id }}>
          See the rejection
        </Link>
      </Notice>
    )
  }
  if (isAnswer<TriggerAnswer>(answer, 'links')) {
    return <LiveTask key={answer.task_id} taskId={answer.task_id} />
  }
  return (
    <Notice title="The webhook sent a response of its own">
      <Link to="/agents/$agentId/tasks" params={{ agentId: webhook.agent_id }}>
        Find the task
      </Link>
    </Notice>
  )
}

/** Whether it is an answer of ours, which has this field. */
function isAnswer<Answer>(answer: unknown, field: keyof Answer): answer is Answer {
  return typeof answer === 'object' && answer !== null && 'success' in answer && field in answer
}
