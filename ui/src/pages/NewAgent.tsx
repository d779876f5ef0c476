import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState, type SyntheticEvent } from 'react'
import { call } from '../api/client.ts'
import { agentQuery, agentsQuery, keepSample } from '../api/queries.ts'
import type { Agent, Webhook } from '../api/types.ts'
import { Allowed } from '../components/Allowed.tsx'
import { LinkButton } from '../components/LinkButton.tsx'
import { PageHeader } from '../components/PageHeader.tsx'
import { prettyJson } from '../lib/json.ts'
import { useFormDraft } from '../lib/useFormDraft.ts'
import { useTitle } from '../lib/useTitle.ts'
import { AgentFields } from './agent/AgentFields.tsx'
import { copyOf, fromForm, isChanged, NEW_AGENT, toForm } from './agent/agentForm.ts'
import type { AgentTemplate } from './agent/agentTemplates.ts'
import { RestoreDraft } from './agent/draft/RestoreDraft.tsx'
import { SampleProvider } from './agent/draft/SampleProvider.tsx'
import { ImportAgent, ImportProblem } from './agent/ImportAgent.tsx'
import { LeaveGuard } from './agent/LeaveGuard.tsx'
import { SaveBar } from './agent/SaveBar.tsx'
import { wrongFields } from './agent/sections.ts'
import { TemplateChoice } from './agent/TemplateChoice.tsx'
import { useAgentErrors } from './agent/useAgentErrors.ts'
import { useImportAgent } from './agent/useImportAgent.ts'

const route = getRouteApi('/inside/agents/new')

/** Creates an agent, from scratch, a template, a file or another agent, and opens its page. */
export function NewAgent() {
  useTitle('New agent')
  const { from } = route.useSearch()
  const { data: original } = useQuery({ ...agentQuery(from ?? ''), enabled: from !== undefined })
  if (from !== undefined && !original) return null
  return <Form key={from} original={original} />
}

function Form({ original }: { original: Agent | undefined }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [template, setTemplate] = useState<AgentTemplate>()
  const initial = original ? { ...toForm(original), name: `${original.name} (copy)` } : NEW_AGENT
  const [form, setForm] = useState(initial)

  const kept = useFormDraft({
    name: original ? `copy-of-${original.id}` : 'new-agent',
    revision: original?.revision ?? 0,
    form,
    initial,
  })

  async function open(id: string): Promise<void> {
    await client.invalidateQueries({ queryKey: agentsQuery.queryKey })
    await navigate({ to: '/agents/$agentId', params: { agentId: id }, ignoreBlocker: true })
  }

  const create = useMutation({
    mutationFn: async (body: unknown) => {
      const agent = await call<Agent>('POST', 'api/agents', { body })
      // Its page needs a URL to show.
      await call('GET', `api/agent_webhook?id=${agent.id}`)
      if (template) await setUp(agent.id, template)
      return agent
    },
    onSuccess: async (agent) => {
      client.setQueryData(agentQuery(agent.id).queryKey, agent)
      kept.drop()
      if (template) keepSample(client, agent.id, prettyJson(template.sample))
      await open(agent.id)
    },
  })
  const importFile = useImportAgent()
  const { errors, rest, setOwn } = useAgentErrors(create.error)

  function choose(chosen: AgentTemplate | undefined): void {
    setTemplate(chosen)
    setForm({ ...initial, ...(chosen ? { model: form.model || 'demo/assistant', ...chosen.form } : {}) })
  }

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const read = fromForm(form, original)
    setOwn('errors' in read ? read.errors : {})
    if ('body' in read) create.mutate(original ? copyOf(original, read.body) : read.body)
  }

  return (
    <>
      <PageHeader
        title={original ? `Duplicate ${original.name}` : 'New agent'}
        under={
          original
            ? 'The copy gets its own webhook. Webhooks and schedules are not copied.'
            : 'Enter a name, a model and instructions. Everything else is optional.'
        }
        actions={
          original ? undefined : (
            <Allowed least="editor">
              <ImportAgent run={importFile} />
            </Allowed>
          )
        }
      />
      {importFile.isError && <ImportProblem error={importFile.error} />}
      {kept.offer && (
        <RestoreDraft
          draft={kept.offer}
          onRestore={() => {
            setForm({ ...initial, ...kept.offer?.form })
            kept.settle()
          }}
          onDiscard={kept.settle}
        />
      )}
      {!original && <TemplateChoice chosen={template} onChoose={choose} />}
      <form onSubmit={submit} noValidate>
        <SampleProvider name={form.name} suggestion={template && prettyJson(template.sample)}>
          <AgentFields
            form={form}
            errors={errors}
            onChange={(change) => setForm((before) => ({ ...before, ...change }))}
          />
        </SampleProvider>
        <SaveBar error={create.error} wrong={wrongFields(errors)} rest={rest}>
          <LinkButton to="/agents" variant="default">
            Cancel
          </LinkButton>
          <Button type="submit" loading={create.isPending}>
            Create agent
          </Button>
        </SaveBar>
      </form>
      <LeaveGuard dirty={isChanged(initial, form)} isKept={kept.isKept} />
    </>
  )
}

/** Applies the template's settings to the first webhook, and gives the agent its schedule. */
async function setUp(agentId: string, { webhook, schedule }: AgentTemplate): Promise<void> {
  const { data } = await call<{ data: Webhook[] }>('GET', `api/agents/${agentId}/webhooks`)
  const first = data.find((one) => one.is_default)
  if (first) await call('PATCH', `api/agents/${agentId}/webhooks/${first.id}`, { body: webhook })
  if (schedule) await call('POST', `api/agents/${agentId}/schedules`, { body: schedule })
}
