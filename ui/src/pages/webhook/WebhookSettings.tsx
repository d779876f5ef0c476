import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { call } from '../../api/client.ts'
import { saveMatching } from '../../api/saveMatching.ts'
import type { SourceDescription, Webhook } from '../../api/types.ts'
import { webhookPath } from '../../api/webhookQueries.ts'
import { FormSection } from '../../components/FormSection.tsx'
import { MergeChanges } from '../../components/MergeChanges.tsx'
import { mergeForms } from '../../lib/mergeForms.ts'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { isOverlapping, useMergedForm } from '../../lib/useMergedForm.ts'
import { LeaveGuard } from '../agent/LeaveGuard.tsx'
import { SaveBar } from '../agent/SaveBar.tsx'
import { textProps } from './fieldProps.ts'
import { FilterFields } from './FilterFields.tsx'
import { ReplyFields } from './ReplyFields.tsx'
import { RequestFields } from './RequestFields.tsx'
import { RespondFields } from './RespondFields.tsx'
import { SourceFields } from './SourceFields.tsx'
import { ThreadFields } from './ThreadFields.tsx'
import { changeOf, FIELDS, labelOf, toForm } from './webhookForm.ts'
import classes from './Fields.module.css'

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
  const { base, form, setForm, initial, dirty, merge, theirs, continueFrom } = useMergedForm({
    latest: webhook,
    isNewer: (one, other) => one.version > other.version,
    toForm,
  })
  const [saved, setSaved] = useState(false)
  const path = webhookPath(webhook)

  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) =>
      saveMatching({
        base,
        save: (headers) => call<Webhook>('PATCH', path, { body, headers }),
        readLatest: () => call<Webhook>('GET', path),
        isOverlapping: (latest) => isOverlapping(mergeForms(initial, form, toForm(latest))),
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
      {merge && (
        <MergeChanges
          key={webhook.version}
          title="Other settings were saved while you were editing"
          merge={merge}
          theirs={theirs}
          labelOf={labelOf}
          onMerge={(merged) => continueFrom(webhook, merged)}
          onDiscard={() => continueFrom(webhook)}
        />
      )}
      <form onSubmit={submit} noValidate>
        <FormSection
          title="General"
          about="A name for where requests come from, and how often they are expected."
        >
          <div className={classes.numbers}>
            <TextInput label="Name" required maxLength={200} {...textProps(props, 'name', 'name')} />
            <TextInput
              label="Expected every"
              description="Such as 15m, 12h or 1d. Silence for longer is reported."
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              placeholder="Any time"
              spellCheck={false}
              {...textProps(props, 'expect_every', 'expect_every')}
            />
          </div>
        </FormSection>
        <SourceFields {...props} webhook={webhook} sources={sources} />
        <FilterFields {...props} webhook={webhook} />
        <RequestFields {...props} agentId={webhook.agent_id} />
        <ThreadFields {...props} />
        <RespondFields {...props} />
        <ReplyFields {...props} />
        <SaveBar
          error={error}
          rest={rest}
          says={
            merge
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
          <Button type="submit" disabled={!dirty || merge !== undefined} loading={save.isPending}>
            Save
          </Button>
        </SaveBar>
      </form>
      <LeaveGuard dirty={dirty} />
    </>
  )
}
