import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import type { SourceDescription, Webhook } from '../../api/types.ts'
import { FormSection } from '../../components/FormSection.tsx'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { LeaveGuard } from '../agent/LeaveGuard.tsx'
import { SaveBar } from '../agent/SaveBar.tsx'
import { textProps } from './fieldProps.ts'
import { FilterFields } from './FilterFields.tsx'
import { RequestFields } from './RequestFields.tsx'
import { SourceFields } from './SourceFields.tsx'
import { changeOf, FIELDS, toForm } from './webhookForm.ts'

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
  const [initial, setInitial] = useState(() => toForm(webhook))
  const [form, setForm] = useState(initial)
  const [saved, setSaved] = useState(false)
  const dirty = JSON.stringify(form) !== JSON.stringify(initial)

  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) =>
      call<Webhook>('PATCH', `api/agents/${webhook.agent_id}/webhooks/${webhook.id}`, { body }),
    onSuccess: async (answer) => {
      const next = toForm(answer)
      setInitial(next)
      setForm(next)
      setSaved(true)
      await onChange()
    },
  })
  const { errors, rest, setOwn } = useFormErrors(save.error, FIELDS)

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
      <form onSubmit={submit} noValidate>
        <FormSection title="General" about="A name that says where requests come from.">
          <TextInput label="Name" required maxLength={200} {...textProps(props, 'name', 'name')} />
        </FormSection>
        <SourceFields {...props} webhook={webhook} sources={sources} />
        <FilterFields {...props} webhook={webhook} />
        <RequestFields {...props} />
        <SaveBar
          error={save.error}
          rest={rest}
          says={dirty ? 'Unsaved changes' : saved ? 'Saved' : 'No unsaved changes'}
        >
          <Button variant="default" disabled={!dirty} onClick={() => setForm(initial)}>
            Discard
          </Button>
          <Button type="submit" disabled={!dirty} loading={save.isPending}>
            Save
          </Button>
        </SaveBar>
      </form>
      <LeaveGuard dirty={dirty} />
    </>
  )
}
