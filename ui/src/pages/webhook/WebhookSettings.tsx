import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { call } from '../../api/client.ts'
import type { SourceDescription, Webhook } from '../../api/types.ts'
import { FormSection } from '../../components/FormSection.tsx'
import { MergeChanges } from '../../components/MergeChanges.tsx'
import { mergeForms } from '../../lib/mergeForms.ts'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { LeaveGuard } from '../agent/LeaveGuard.tsx'
import { SaveBar } from '../agent/SaveBar.tsx'
import { textProps } from './fieldProps.ts'
import { FilterFields } from './FilterFields.tsx'
import { RequestFields } from './RequestFields.tsx'
import { SourceFields } from './SourceFields.tsx'
import { changeOf, FIELDS, labelOf, toForm } from './webhookForm.ts'

/** The settings of a webhook in one form, which sends only what was changed. */
export function WebhookSettings({
  webhook,
  sources,
  onChange,
}: {
  webhook: Webhook
  sources: SourceDescription[]
  onChange: () => Promise<void>
}) {
  const [base, setBase] = useState(webhook)
  const initial = toForm(base)
  const [form, setForm] = useState(initial)
  const [saved, setSaved] = useState(false)
  const dirty = JSON.stringify(form) !== JSON.stringify(initial)
  const latest = toForm(webhook)
  const merge = webhook.version > base.version ? mergeForms(initial, form, latest) : undefined
  const needsMerge = merge !== undefined && dirty && merge.taken.length + merge.conflicts.length > 0
  if (merge && !needsMerge) continueFrom(webhook, merge.merged)

  function continueFrom(next: Webhook, nextForm = toForm(next)): void {
    setBase(next)
    setForm(nextForm)
  }

  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) =>
      call<Webhook>('PATCH', `api/agents/${webhook.agent_id}/webhooks/${webhook.id}`, {
        body,
        headers: { 'if-match': `"${base.version}"` },
      }),
    onSuccess: async (answer) => {
      continueFrom(answer)
      setSaved(true)
      await onChange()
    },
    onError: async (failure) => {
      if (ApiError.isOvertaken(failure)) await onChange()
    },
  })
  const error = ApiError.isOvertaken(save.error) ? null : save.error
  const { errors, rest, setOwn } = useFormErrors(error, FIELDS)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const read = changeOf(initial, form)
    setOwn('errors' in read ? read.errors : {})
    if ('patch' in read) save.mutate(read.patch)
  }

  const props = {
    form,
    errors,
    onChange: (change: Partial<typeof form>) => {
      setSaved(false)
      setForm({ ...form, ...change })
    },
  }
  return (
    <>
      {needsMerge && (
        <MergeChanges
          key={webhook.version}
          title="Other settings were saved while you were editing"
          merge={merge}
          theirs={latest}
          labelOf={labelOf}
          onMerge={(merged) => continueFrom(webhook, merged)}
          onDiscard={() => continueFrom(webhook)}
        />
      )}
      <form onSubmit={submit} noValidate>
        <FormSection title="General" about="A name that says where requests come from.">
          <TextInput label="Name" required maxLength={200} {...textProps(props, 'name', 'name')} />
        </FormSection>
        <SourceFields {...props} webhook={webhook} sources={sources} />
        <FilterFields {...props} webhook={webhook} />
        <RequestFields {...props} />
        <SaveBar
          error={error}
          rest={rest}
          says={
            needsMerge
              ? 'Merge the saved settings before saving: see the top of the form'
              : dirty
                ? 'Unsaved changes'
                : saved
                  ? 'Saved'
                  : 'No unsaved changes'
          }
        >
          <Button variant="default" disabled={!dirty} onClick={() => setForm(initial)}>
            Discard
          </Button>
          <Button type="submit" disabled={!dirty || needsMerge} loading={save.isPending}>
            Save
          </Button>
        </SaveBar>
      </form>
      <LeaveGuard dirty={dirty} />
    </>
  )
}
