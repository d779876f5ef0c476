import { Button, Skeleton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { agentQuery, agentsQuery } from '../../api/queries.ts'
import type { Agent } from '../../api/types.ts'
import { AgentFields } from './AgentFields.tsx'
import { fromForm, isChanged, toForm } from './agentForm.ts'
import { DeleteAgent } from './DeleteAgent.tsx'
import { LeaveGuard } from './LeaveGuard.tsx'
import { SaveBar } from './SaveBar.tsx'
import { useAgentErrors } from './useAgentErrors.ts'

const route = getRouteApi('/inside/agents/$agentId')

/** What the agent says and may do. */
export function ConfigureTab() {
  const { agentId } = route.useParams()
  const { data: agent } = useQuery(agentQuery(agentId))
  // A form begins anew with every revision, so that it never holds what somebody else has changed since.
  return agent ? <Form key={`${agent.id} ${agent.revision}`} agent={agent} /> : <Skeleton height="30rem" />
}

function Form({ agent }: { agent: Agent }) {
  const client = useQueryClient()
  const [initial] = useState(() => toForm(agent))
  const [form, setForm] = useState(initial)
  const dirty = isChanged(initial, form)

  const save = useMutation({
    mutationFn: (body: unknown) => call<Agent>('PATCH', `api/agents/${agent.id}`, { body }),
    onSuccess: (saved) => {
      client.setQueryData(agentQuery(agent.id).queryKey, saved)
      void client.invalidateQueries({ queryKey: agentsQuery.queryKey })
    },
  })
  const { errors, rest, setOwn } = useAgentErrors(save.error)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const read = fromForm(form, agent)
    setOwn('errors' in read ? read.errors : {})
    if ('body' in read) save.mutate(read.body)
  }

  return (
    <>
      <form onSubmit={submit} noValidate>
        <AgentFields form={form} errors={errors} onChange={(change) => setForm({ ...form, ...change })} />
        <SaveBar
          error={save.error}
          rest={rest}
          says={dirty ? 'Unsaved changes' : `Live revision: ${agent.revision}`}
        >
          <Button variant="default" disabled={!dirty} onClick={() => setForm(initial)}>
            Discard
          </Button>
          <Button type="submit" disabled={!dirty} loading={save.isPending}>
            Save
          </Button>
        </SaveBar>
      </form>
      <DeleteAgent agent={agent} />
      <LeaveGuard dirty={dirty} />
    </>
  )
}
