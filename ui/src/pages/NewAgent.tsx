import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type SyntheticEvent } from 'react'
import { call } from '../api/client.ts'
import { agentQuery, agentsQuery } from '../api/queries.ts'
import type { Agent } from '../api/types.ts'
import { LinkButton } from '../components/LinkButton.tsx'
import { PageHeader } from '../components/PageHeader.tsx'
import { useTitle } from '../lib/useTitle.ts'
import { AgentFields } from './agent/AgentFields.tsx'
import { fromForm, isChanged, NEW_AGENT } from './agent/agentForm.ts'
import { LeaveGuard } from './agent/LeaveGuard.tsx'
import { SaveBar } from './agent/SaveBar.tsx'
import { useAgentErrors } from './agent/useAgentErrors.ts'

/** Makes an agent, and leads to its URL. */
export function NewAgent() {
  useTitle('New agent')
  const client = useQueryClient()
  const navigate = useNavigate()
  const [form, setForm] = useState(NEW_AGENT)

  const create = useMutation({
    mutationFn: (body: unknown) => call<Agent>('POST', 'api/agents', { body }),
    onSuccess: async (agent) => {
      // Its page has something to show as soon as it has a URL.
      await call('GET', `api/agent_webhook?id=${agent.id}`)
      client.setQueryData(agentQuery(agent.id).queryKey, agent)
      await client.invalidateQueries({ queryKey: agentsQuery.queryKey })
      await navigate({ to: '/agents/$agentId', params: { agentId: agent.id }, ignoreBlocker: true })
    },
  })
  const { errors, rest, setOwn } = useAgentErrors(create.error)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const read = fromForm(form)
    setOwn('errors' in read ? read.errors : {})
    if ('body' in read) create.mutate(read.body)
  }

  return (
    <>
      <PageHeader
        title="New agent"
        under="Enter a name, a model and instructions. Everything else is optional."
      />
      <form onSubmit={submit} noValidate>
        <AgentFields form={form} errors={errors} onChange={(change) => setForm({ ...form, ...change })} />
        <SaveBar error={create.error} rest={rest}>
          <LinkButton to="/agents" variant="default">
            Cancel
          </LinkButton>
          <Button type="submit" loading={create.isPending}>
            Create agent
          </Button>
        </SaveBar>
      </form>
      <LeaveGuard dirty={isChanged(NEW_AGENT, form)} />
    </>
  )
}
