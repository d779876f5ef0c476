import { Button, Checkbox, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { useMemo, useState, type SyntheticEvent } from 'react'
import type { NoticeChannel, NoticeSettings } from '../../../api/types.ts'
import { Notice } from '../../../components/Notice.tsx'
import { useFormErrors } from '../../../lib/useFormErrors.ts'
import classes from '../Settings.module.css'
import {
  CHANNEL_FIELDS,
  formOf,
  inputOf,
  inputOfSaved,
  KIND_NAMES,
  KINDS,
  TYPES,
  type ChannelFields,
} from './channelForm.ts'
import { SaveProblem } from './SaveProblem.tsx'
import { useSaveNotices } from './saveNotices.ts'

/** Adds a channel, or changes the one that is given. */
export function ChannelForm({
  settings,
  channel,
  onSaved,
  onDone,
}: {
  settings: NoticeSettings
  channel?: NoticeChannel
  onSaved: (settings: NoticeSettings) => void
  onDone: () => void
}) {
  const [form, setForm] = useState(() => formOf(channel))
  const save = useSaveNotices((next) => {
    onSaved(next)
    onDone()
  })
  // The server names a field by the place of its channel in the list.
  const at = channel ? settings.channels.findIndex(({ id }) => id === channel.id) : settings.channels.length
  const names = useMemo(() => CHANNEL_FIELDS.map((field) => `channels/${at}/${field}`), [at])
  const { errors, isMarked, rest } = useFormErrors(save.error, names)
  const errorOf = (field: keyof ChannelFields): string | undefined => errors[`channels/${at}/${field}`]

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const input = inputOf(form, channel?.id)
    const channels = channel
      ? settings.channels.map((one) => (one.id === channel.id ? input : inputOfSaved(one)))
      : [...settings.channels.map(inputOfSaved), input]
    save.mutate({ base: settings, change: { channels } })
  }
  const text = (field: 'name' | 'url' | 'bot_token' | 'chat' | 'to') => ({
    value: form[field],
    error: errorOf(field),
    onChange: (event: { currentTarget: { value: string } }) =>
      setForm({ ...form, [field]: event.currentTarget.value }),
    'data-field': `channels/${at}/${field}`,
    autoComplete: 'off',
    spellCheck: false,
  })
  const kept = channel ? 'Saved; type to replace it' : undefined

  return (
    <form
      onSubmit={submit}
      noValidate
      className={classes.form}
      aria-label={channel ? 'Edit channel' : 'Add channel'}
    >
      <div className={classes.pair}>
        {!channel && (
          <NativeSelect
            label="Type"
            data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))}
            value={form.type}
            error={errorOf('type')}
            onChange={(event) =>
              setForm({ ...form, type: event.currentTarget.value as ChannelFields['type'] })
            }
            data-field={`channels/${at}/type`}
          />
        )}
        <TextInput label="Name" placeholder="Ops" maxLength={200} {...text('name')} />
      </div>
      {form.type === 'telegram' && (
        <div className={classes.pair}>
          <PasswordInput
            label="Bot token"
            required={!channel}
            placeholder={kept}
            visibilityToggleButtonProps={{ 'aria-label': 'Show what you typed' }}
            {...text('bot_token')}
            autoComplete="new-password"
          />
          <TextInput label="Chat" required placeholder="@ops or -1001234567890" {...text('chat')} />
        </div>
      )}
      {form.type === 'email' && (
        <TextInput label="To" required placeholder="ops@example.com, boss@example.com" {...text('to')} />
      )}
      {form.type !== 'telegram' && form.type !== 'email' && (
        <TextInput
          label="URL"
          required={!channel}
          inputMode="url"
          placeholder={kept ?? EXAMPLES[form.type]}
          classNames={{ input: classes.mono }}
          {...text('url')}
        />
      )}
      <Checkbox.Group
        label="Gets only"
        description="If none are chosen, it gets everything"
        value={form.kinds}
        error={errorOf('kinds')}
        onChange={(kinds) => setForm({ ...form, kinds: KIND_NAMES.filter((kind) => kinds.includes(kind)) })}
      >
        <div className={classes.checks}>
          {KIND_NAMES.map((kind) => (
            <Checkbox key={kind} value={kind} label={KINDS[kind]} />
          ))}
        </div>
      </Checkbox.Group>
      {save.isError && !isMarked && <SaveProblem error={save.error} />}
      {isMarked && rest.length > 0 && <Notice tone="bad" title={rest.join('\n')} />}
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending}>
          {channel ? 'Save' : 'Add channel'}
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

const EXAMPLES = {
  slack: 'https://hooks.slack.com/services/…',
  teams: 'https://….webhook.office.com/…',
  discord: 'https://discord.com/api/webhooks/…',
  webhook: 'https://pager.example.com/bellwire',
}
