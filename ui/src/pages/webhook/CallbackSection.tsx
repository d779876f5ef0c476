import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { call } from '../../api/client.ts'
import { saveMatching } from '../../api/saveMatching.ts'
import type { Webhook } from '../../api/types.ts'
import { callbackPath, webhookPath } from '../../api/webhookQueries.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { FormSection } from '../../components/FormSection.tsx'
import { MergeChanges } from '../../components/MergeChanges.tsx'
import { FormProblem } from '../../components/FormProblem.tsx'
import { Notice } from '../../components/Notice.tsx'
import { mergeForms } from '../../lib/mergeForms.ts'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { isOverlapping, useMergedForm } from '../../lib/useMergedForm.ts'
import { useScrollToHash } from '../../lib/useScrollToHash.ts'
import { LeaveGuard } from '../agent/LeaveGuard.tsx'
import { CALLBACK_FIELDS, fromForm, labelOf, toForm, type CallbackForm } from './callbackForm.ts'
import { RotateCallback } from './RotateCallback.tsx'
import { ShownSecret } from './ShownSecret.tsx'
import classes from './Fields.module.css'

const KNOWN_EVENTS = [
  { value: 'end', label: 'The task has ended' },
  { value: 'end,waiting', label: 'It has ended, or waits for a person' },
  { value: 'waiting', label: 'It waits for a person' },
  { value: 'end,step', label: 'Each step is done, and at the end' },
  { value: 'step', label: 'Each step is done' },
  { value: 'step,waiting', label: 'Each step is done, or it waits for a person' },
  { value: 'end,step,waiting', label: 'Anything happens' },
]

/** Where the outcome of the webhook's tasks is sent. */
export function CallbackSection({ webhook, onChange }: { webhook: Webhook; onChange: () => Promise<void> }) {
  const { base, form, setForm, initial, dirty, merge, theirs, continueFrom } = useMergedForm({
    latest: webhook,
    isNewer: (one, other) => one.version > other.version,
    toForm: ({ callback }) => toForm(callback),
  })
  useScrollToHash('callback')
  const [secret, setSecret] = useState<string>()
  const [dialog, setDialog] = useState<'delete' | 'rotate'>()
  // As it is now: a receiver that switches it off makes no new version.
  const { callback } = webhook
  const path = webhookPath(webhook)

  const save = useMutation({
    mutationFn: (settings: Record<string, unknown> | null) =>
      saveMatching({
        base,
        save: (headers) => call<Webhook>('PATCH', path, { body: { callback: settings }, headers }),
        readLatest: () => call<Webhook>('GET', path),
        isOverlapping: (latest) => isOverlapping(mergeForms(initial, form, toForm(latest.callback))),
      }),
    onSuccess: async (answer) => {
      setSecret(answer.callback?.secret)
      setDialog(undefined)
      continueFrom(answer)
      await onChange()
    },
    onError: async (failure) => {
      if (ApiError.isOvertaken(failure)) await onChange()
    },
  })
  const error = ApiError.isOvertaken(save.error) ? null : save.error
  const { errors, isMarked, rest } = useFormErrors(error, CALLBACK_FIELDS)
  const isOff = callback !== null && callback.disabled_at !== null

  const bind = (field: keyof CallbackForm) => ({
    value: form[field],
    error: errors[`callback/${field}`],
    onChange: (event: { currentTarget: { value: string } }) =>
      setForm({ ...form, [field]: event.currentTarget.value }),
    'data-field': `callback/${field}`,
  })
  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    save.mutate(fromForm(form))
  }

  return (
    <FormSection
      id="callback"
      title="Callback"
      about="When a task ends, its outcome is sent to this URL, signed as Standard Webhooks describes."
    >
      {merge && (
        <MergeChanges
          key={webhook.version}
          title="Another callback was saved while you were editing"
          merge={merge}
          theirs={theirs}
          labelOf={labelOf}
          onMerge={(merged) => continueFrom(webhook, merged)}
          onDiscard={() => continueFrom(webhook)}
        />
      )}
      <form onSubmit={submit} noValidate className={classes.group}>
        {isOff && (
          <Notice
            tone="bad"
            title="Switched off by the receiver"
            action={
              <Allowed least="editor">
                <Button
                  size="compact-sm"
                  loading={save.isPending}
                  onClick={() => save.mutate(fromForm(form))}
                >
                  Switch on again
                </Button>
              </Allowed>
            }
          >
            It answered 410 Gone. Nothing is sent until the callback is switched on again.
          </Notice>
        )}
        <TextInput
          label="Callback URL"
          type="url"
          placeholder="https://shop.example.com/bellwire"
          description="Leave empty if each request names its own in X-Bellwire-Callback."
          spellCheck={false}
          {...bind('url')}
        />
        <div className={classes.numbers}>
          <NativeSelect label="Send when" data={KNOWN_EVENTS} {...bind('events')} />
          <NativeSelect
            label="Content"
            data={[
              { value: 'full', label: 'Full: with the result or error' },
              { value: 'thin', label: 'Thin: IDs only' },
            ]}
            {...bind('content')}
          />
        </div>
        <TextInput
          label="Hosts that requests may name"
          placeholder="hooks.example.com, *.internal.example.com"
          spellCheck={false}
          {...bind('hosts')}
        />
        <FormProblem error={dialog === undefined ? error : null} isMarked={isMarked} rest={rest} />
        {secret !== undefined && <ShownSecret secret={secret} />}
        <Allowed least="editor">
          <div className={classes.row}>
            <Button
              type="submit"
              loading={save.isPending}
              disabled={merge !== undefined || (callback !== null && !dirty)}
            >
              {callback === null ? 'Set callback' : 'Save callback'}
            </Button>
            {callback !== null && (
              <>
                <Button variant="default" onClick={() => setDialog('rotate')}>
                  Rotate secret
                </Button>
                <Button variant="subtle" c="dimmed" onClick={() => setDialog('delete')}>
                  Delete callback
                </Button>
              </>
            )}
          </div>
        </Allowed>
      </form>
      <RotateCallback
        opened={dialog === 'rotate'}
        path={callbackPath(webhook)}
        onClose={() => setDialog(undefined)}
        onRotated={async (answer) => {
          setSecret(answer.secret)
          setDialog(undefined)
          await onChange()
        }}
      />
      <ConfirmDialog
        opened={dialog === 'delete'}
        title="Delete callback?"
        confirm="Delete"
        danger
        busy={save.isPending}
        error={error}
        onConfirm={() => save.mutate(null)}
        onClose={() => setDialog(undefined)}
      >
        Deliveries that have not been sent yet fail.
      </ConfirmDialog>
      <LeaveGuard dirty={dirty} />
    </FormSection>
  )
}
