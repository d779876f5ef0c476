import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import type { Callback, Webhook } from '../../api/types.ts'
import { callbackPath, callbackQuery } from '../../api/webhookQueries.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { FormSection } from '../../components/FormSection.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { LeaveGuard } from '../agent/LeaveGuard.tsx'
import { RotateCallback } from './RotateCallback.tsx'
import { ShownSecret } from './ShownSecret.tsx'
import classes from './Fields.module.css'

const FIELDS = ['url', 'events', 'content', 'hosts'] as const

/** Where the outcome of the webhook's tasks is sent. */
export function CallbackSection({ webhook }: { webhook: Webhook }) {
  const { data: callback, error } = useQuery(callbackQuery(webhook))
  return (
    <FormSection
      title="Callback"
      about="When a task ends, its outcome is sent to this URL, signed as Standard Webhooks describes."
    >
      {callback === undefined ? (
        error ? (
          <Problem error={error} />
        ) : (
          <Skeleton height="12rem" />
        )
      ) : (
        <Form webhook={webhook} callback={callback} />
      )}
    </FormSection>
  )
}

const KNOWN_EVENTS = ['end', 'end,waiting', 'waiting', 'end,step', 'end,step,waiting']

function toForm(callback: Callback | null) {
  return {
    url: callback?.url ?? '',
    events: callback?.events.toSorted().join(',') ?? 'end',
    content: callback?.content ?? 'full',
    hosts: callback?.hosts.join(', ') ?? '',
  }
}

function Form({ webhook, callback }: { webhook: Webhook; callback: Callback | null }) {
  const client = useQueryClient()
  const path = callbackPath(webhook)
  const query = callbackQuery(webhook)
  const [initial, setInitial] = useState(() => toForm(callback))
  const [form, setForm] = useState(initial)
  const [secret, setSecret] = useState<string>()
  const [dialog, setDialog] = useState<'delete' | 'rotate'>()
  const dirty = JSON.stringify(form) !== JSON.stringify(initial)

  function take(answer: Callback | null): void {
    const { secret: made, ...kept } = answer ?? {}
    client.setQueryData(query.queryKey, answer === null ? null : (kept as Callback))
    setSecret(made)
    setInitial(toForm(answer))
    setForm(toForm(answer))
    setDialog(undefined)
  }
  const save = useMutation({
    mutationFn: () =>
      call<Callback>('PUT', path, {
        body: {
          url: form.url.trim() === '' ? null : form.url.trim(),
          events: form.events.split(','),
          content: form.content,
          hosts: form.hosts.split(/[\s,]+/).filter((host) => host !== ''),
        },
      }),
    onSuccess: take,
  })
  const remove = useMutation({ mutationFn: () => call('DELETE', path), onSuccess: () => take(null) })
  const { errors, rest } = useFormErrors(save.error, FIELDS)
  const isMarked = Object.keys(errors).length > 0
  // Combinations that only the API sets.
  const others = KNOWN_EVENTS.includes(initial.events)
    ? []
    : [{ value: initial.events, label: initial.events }]

  const bind = (field: keyof typeof form) => ({
    value: form[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      setForm({ ...form, [field]: event.currentTarget.value }),
    'data-field': field,
  })
  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    save.mutate()
  }

  return (
    <form onSubmit={submit} noValidate className={classes.group}>
      {callback !== null && callback.disabled_at !== null && (
        <Notice tone="bad" title="Switched off by the receiver">
          It answered 410 Gone. Save the callback to switch it on again.
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
        <NativeSelect
          label="Send when"
          data={[
            { value: 'end', label: 'The task has ended' },
            { value: 'end,waiting', label: 'It has ended, or waits for a person' },
            { value: 'waiting', label: 'It waits for a person' },
            { value: 'end,step', label: 'Each step is done, and at the end' },
            { value: 'end,step,waiting', label: 'Anything happens' },
            ...others,
          ]}
          {...bind('events')}
        />
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
      {save.isError && !isMarked && <Problem error={save.error} />}
      {isMarked && rest.length > 0 && <Notice tone="bad" title={rest.join('\n')} />}
      {secret !== undefined && <ShownSecret secret={secret} />}
      <div className={classes.row}>
        <Button
          type="submit"
          loading={save.isPending}
          disabled={callback !== null && !dirty && callback.disabled_at === null}
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
      <RotateCallback
        opened={dialog === 'rotate'}
        path={path}
        onClose={() => setDialog(undefined)}
        onRotated={(answer) => {
          setSecret(answer.secret)
          setDialog(undefined)
        }}
      />
      <ConfirmDialog
        opened={dialog === 'delete'}
        title="Delete callback?"
        confirm="Delete"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setDialog(undefined)}
      >
        Deliveries that have not been sent yet fail.
      </ConfirmDialog>
      <LeaveGuard dirty={dirty} />
    </form>
  )
}
