import { Button, PasswordInput, Switch } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { agentQuery } from '../../api/queries.ts'
import type { FirstRing, Webhook } from '../../api/types.ts'
import { Code, Json } from '../../components/Code.tsx'
import { Problem } from '../../components/Notice.tsx'
import classes from './FirstRing.module.css'

/** What to take of the suggestions, and the button that applies it. `children` are further buttons. */
export function AcceptFirstRing({
  webhook,
  suggestions,
  onChange,
  children,
}: {
  webhook: Webhook
  suggestions: FirstRing['suggestions']
  onChange: () => Promise<void>
  children: ReactNode
}) {
  const { source, payload_schema: schema, message } = suggestions
  const [takes, setTakes] = useState({ source: source !== null, payload_schema: false, message: false })
  const client = useQueryClient()
  const [secret, setSecret] = useState('')
  const accept = useMutation({
    mutationFn: () =>
      call('POST', `api/agents/${webhook.agent_id}/webhooks/${webhook.id}/first_ring/accept`, {
        body: {
          ...(takes.source ? { source: true } : {}),
          ...(takes.payload_schema ? { payload_schema: true } : {}),
          ...(takes.message ? { message: true } : {}),
          ...(takes.source && secret !== '' ? { secrets: [secret] } : {}),
        },
      }),
    onSuccess: async () => {
      // The agent has a new revision when it takes the message.
      await client.invalidateQueries({ queryKey: agentQuery(webhook.agent_id).queryKey })
      await onChange()
    },
  })
  const toggle = (field: keyof typeof takes) => ({
    checked: takes[field],
    onChange: () => setTakes({ ...takes, [field]: !takes[field] }),
  })

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    accept.mutate()
  }

  return (
    <form className={classes.ring} onSubmit={submit}>
      {source && (
        <>
          <Switch
            label={`Source: ${source.title}`}
            description="Requests are then verified. Those without a valid signature are rejected."
            {...toggle('source')}
          />
          {takes.source && (
            <PasswordInput
              label="Secret"
              description={`As ${source.title} shows it, or the one that you enter there. You can add it later.`}
              autoComplete="off"
              value={secret}
              onChange={(event) => setSecret(event.currentTarget.value)}
            />
          )}
        </>
      )}
      {schema && (
        <Switch
          label="Payload schema"
          description="Payloads that do not fit are rejected."
          {...toggle('payload_schema')}
        />
      )}
      {schema && takes.payload_schema && <Json label="Suggested schema" value={schema} />}
      {message !== null && (
        <Switch label="Message" description="Replaces the agent's message template." {...toggle('message')} />
      )}
      {message !== null && takes.message && <Code label="Suggested message" text={message} />}
      <div className={classes.actions}>
        <Button
          type="submit"
          loading={accept.isPending}
          disabled={!takes.source && !takes.payload_schema && !takes.message}
        >
          Apply
        </Button>
        {children}
      </div>
      {accept.isError && <Problem error={accept.error} />}
    </form>
  )
}
