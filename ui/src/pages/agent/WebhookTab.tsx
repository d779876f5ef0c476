import { Button, NativeSelect, Skeleton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { agentQuery, agentsQuery, sampleOf, webhooksQuery } from '../../api/queries.ts'
import { EmptyState } from '../../components/EmptyState.tsx'
import { Problem } from '../../components/Notice.tsx'
import { parseJson } from '../../lib/json.ts'
import { SendTest } from './SendTest.tsx'
import { Snippets } from './Snippets.tsx'
import { WebhookPanel } from './WebhookPanel.tsx'
import classes from './WebhookTab.module.css'
import { Allowed } from '../../components/Allowed.tsx'

const route = getRouteApi('/inside/agents/$agentId')

const FIRST_PAYLOAD = '{\n  "question": "What can you do?"\n}'

/** How the agent is started: its URLs, how to call them, and a try. */
export function WebhookTab() {
  const { agentId } = route.useParams()
  const client = useQueryClient()
  const { data: agent } = useQuery(agentQuery(agentId))
  const { data: webhooks, error } = useQuery(webhooksQuery(agentId))
  const [chosen, setChosen] = useState<string>()
  const [payload, setPayload] = useState(() => sampleOf(client, agentId) ?? FIRST_PAYLOAD)

  const refresh = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: webhooksQuery(agentId).queryKey })
    void client.invalidateQueries({ queryKey: agentsQuery.queryKey })
  }
  const make = useMutation({
    mutationFn: (): Promise<unknown> =>
      webhooks?.some((webhook) => webhook.is_default)
        ? call('POST', `api/agents/${agentId}/webhooks`, { body: { name: `Webhook ${webhooks.length + 1}` } })
        : call('GET', `api/agent_webhook?id=${encodeURIComponent(agentId)}`),
    onSuccess: refresh,
  })

  if (error && !webhooks) return <Problem error={error} />
  if (!webhooks || !agent) return <Skeleton height="26rem" />
  if (webhooks.length === 0) {
    return (
      <>
        {make.isError && <Problem error={make.error} />}
        <EmptyState
          title="No webhook yet"
          action={
            <Allowed least="editor">
              <Button loading={make.isPending} onClick={() => make.mutate()}>
                Create webhook
              </Button>
            </Allowed>
          }
        >
          <p>
            A webhook URL starts the agent on POST, or on GET with a query string. Anyone with the URL can use
            it: keep it secret.
          </p>
        </EmptyState>
      </>
    )
  }

  const first =
    webhooks.find(({ id }) => id === chosen) ?? webhooks.find(({ enabled }) => enabled) ?? webhooks[0]
  const parsed = parseJson(payload)
  return (
    <div className={classes.layout}>
      <div className={classes.column}>
        {webhooks.map((webhook) => (
          <WebhookPanel key={webhook.id} webhook={webhook} onChange={refresh} />
        ))}
        {make.isError && <Problem error={make.error} />}
        <div>
          <Allowed least="editor">
            {' '}
            <Button
              variant="subtle"
              c="dimmed"
              size="compact-sm"
              loading={make.isPending}
              onClick={() => make.mutate()}
            >
              Add webhook
            </Button>
          </Allowed>
        </div>
        {first && <Snippets key={first.id} webhook={first} payload={parsed.ok ? parsed.value : {}} />}
      </div>
      <div className={classes.column}>
        {first && webhooks.length > 1 && (
          <NativeSelect
            label="Webhook to try and call"
            data={webhooks.map(({ id, name }) => ({ value: id, label: name }))}
            value={first.id}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
        )}
        {first && (
          <Allowed least="editor">
            <SendTest
              key={first.id}
              webhook={first}
              payload={payload}
              parsed={parsed}
              onChange={setPayload}
            />
          </Allowed>
        )}
      </div>
    </div>
  )
}
