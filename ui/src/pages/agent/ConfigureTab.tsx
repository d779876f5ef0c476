import { Allowed } from '../../components/Allowed.tsx'
import { Button, Skeleton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState, type SyntheticEvent } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { call } from '../../api/client.ts'
import { agentQuery, agentsQuery } from '../../api/queries.ts'
import { revisionQuery } from '../../api/revisionQueries.ts'
import type { Agent } from '../../api/types.ts'
import { MergeChanges } from '../../components/MergeChanges.tsx'
import { Problem } from '../../components/Notice.tsx'
import type { FormDraft } from '../../lib/formDrafts.ts'
import { mergeForms } from '../../lib/mergeForms.ts'
import { useFormDraft } from '../../lib/useFormDraft.ts'
import { AgentFields } from './AgentFields.tsx'
import { fromForm, isChanged, labelOf, toForm, type AgentForm } from './agentForm.ts'
import { DeleteAgent } from './DeleteAgent.tsx'
import { RestoreDraft } from './draft/RestoreDraft.tsx'
import { SampleProvider } from './draft/SampleProvider.tsx'
import { TryDraft } from './draft/TryDraft.tsx'
import { LeaveGuard } from './LeaveGuard.tsx'
import { SaveBar } from './SaveBar.tsx'
import { wrongFields } from './sections.ts'
import { useAgentErrors } from './useAgentErrors.ts'

const route = getRouteApi('/inside/agents/$agentId')

/** What the agent says and may do. */
export function ConfigureTab() {
  const { agentId } = route.useParams()
  const { data: agent } = useQuery(agentQuery(agentId))
  return agent ? <Form key={agent.id} latest={agent} /> : <Skeleton height="30rem" />
}

/** @param latest the newest revision that is known: not the edited one, when somebody else has saved meanwhile */
function Form({ latest }: { latest: Agent }) {
  const client = useQueryClient()
  const [base, setBase] = useState(latest)
  const [form, setForm] = useState(() => toForm(latest))
  const initial = toForm(base)
  const dirty = isChanged(initial, form)
  const saved = toForm(latest)
  const merge = latest.revision > base.revision ? mergeForms(initial, form, saved) : undefined
  const needsMerge = merge !== undefined && dirty && merge.taken.length + merge.conflicts.length > 0
  // Nothing that this form shows stands against it: go on from there.
  if (merge && !needsMerge) continueFrom(latest, merge.merged)

  function continueFrom(agent: Agent, next = toForm(agent)): void {
    setBase(agent)
    setForm(next)
  }

  const save = useMutation({
    mutationFn: (body: unknown) =>
      call<Agent>('PATCH', `api/agents/${base.id}`, {
        body,
        headers: { 'if-match': `"${base.revision}"` },
      }),
    onSuccess: (answer) => {
      continueFrom(answer)
      client.setQueryData(agentQuery(base.id).queryKey, answer)
      void client.invalidateQueries({ queryKey: agentsQuery.queryKey })
    },
    onError: async (error) => {
      if (ApiError.isOvertaken(error))
        await client.invalidateQueries({ queryKey: agentQuery(base.id).queryKey })
    },
  })
  const [tryError, setTryError] = useState<unknown>(null)
  const error = ApiError.isOvertaken(save.error) ? null : (save.error ?? tryError)
  const { errors, rest, setOwn } = useAgentErrors(error)
  const kept = useFormDraft({ name: base.id, revision: base.revision, form, initial })
  const restore = useMutation({
    mutationFn: (draft: FormDraft) => readBase(draft.revision),
    onSuccess: (began, draft) => {
      continueFrom(began, { ...toForm(began), ...draft.form })
      kept.settle()
    },
  })
  const [draft, setDraft] = useState<Record<string, unknown>>()

  function change(changes: Partial<AgentForm>): void {
    setForm((before) => ({ ...before, ...changes }))
  }

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    setTryError(null)
    const body = readBody()
    if (body) save.mutate(body)
  }

  /** The agent as it was at a revision. */
  async function readBase(revision: number): Promise<Agent> {
    if (revision === base.revision) return base
    const { config, created_at: at } = await client.fetchQuery(revisionQuery(base.id, revision))
    return { id: base.id, revision, ...config, created_at: base.created_at, updated_at: at }
  }

  /** What the API is sent of the form; what cannot be read is marked at its field. */
  function readBody(): Record<string, unknown> | undefined {
    const read = fromForm(form, base)
    setOwn('errors' in read ? read.errors : {})
    return 'body' in read ? read.body : undefined
  }

  function openTry(): void {
    save.reset()
    setTryError(null)
    setDraft(readBody())
  }

  return (
    <>
      {needsMerge && (
        <MergeChanges
          key={latest.revision}
          title={`Revision ${latest.revision} was saved while you were editing`}
          merge={merge}
          theirs={saved}
          labelOf={labelOf}
          onMerge={(merged) => continueFrom(latest, merged)}
          onDiscard={() => continueFrom(latest)}
        />
      )}
      {kept.offer && (
        <RestoreDraft
          draft={kept.offer}
          latest={latest.revision}
          busy={restore.isPending}
          onRestore={() => kept.offer && restore.mutate(kept.offer)}
          onDiscard={kept.settle}
        />
      )}
      {restore.isError && <Problem error={restore.error} />}
      <SampleProvider agentId={base.id} name={form.name} revision={base.revision}>
        <form onSubmit={submit} noValidate>
          <AgentFields form={form} initial={initial} errors={errors} onChange={change} />
          <SaveBar
            error={error}
            wrong={wrongFields(errors)}
            rest={rest}
            refused={tryError === null ? 'Not saved' : 'Draft not run'}
            says={
              needsMerge
                ? `Merge with revision ${latest.revision} before saving: see the top of the form`
                : dirty
                  ? 'Unsaved changes'
                  : `Live revision: ${base.revision}`
            }
          >
            <Button variant="default" onClick={openTry}>
              Try draft
            </Button>
            <Button variant="default" disabled={!dirty} onClick={() => setForm(initial)}>
              Discard
            </Button>
            <Button type="submit" disabled={!dirty || needsMerge} loading={save.isPending}>
              Save
            </Button>
          </SaveBar>
        </form>
        <TryDraft
          opened={draft !== undefined}
          agentId={base.id}
          draft={draft ?? {}}
          onInvalid={setTryError}
          onClose={() => setDraft(undefined)}
        />
      </SampleProvider>
      <Allowed least="editor">
        <DeleteAgent agent={base} />
      </Allowed>
      <LeaveGuard dirty={dirty} isKept={kept.isKept} />
    </>
  )
}
