import { Button, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import type { TriggerAnswer, Webhook } from '../../api/types.ts'
import { Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import type { Parsed } from '../../lib/json.ts'
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
  const [taskId, setTaskId] = useState<string>()
  const send = useMutation({
    // Its path on this server: the public URL may lead around by a proxy.
    mutationFn: (body: unknown) =>
      call<TriggerAnswer>('POST', `api/webhooks/agents/${webhook.url.split('/').at(-1) ?? ''}`, {
        body,
        headers: { prefer: 'stream' },
      }),
    onSuccess: (answer) => setTaskId(answer.task_id),
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
      {taskId !== undefined && <LiveTask key={taskId} taskId={taskId} />}
    </Panel>
  )
}
