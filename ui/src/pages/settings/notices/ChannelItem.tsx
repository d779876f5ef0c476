import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../../api/client.ts'
import type { NoticeChannel, NoticeSettings, NoticeTestResult } from '../../../api/types.ts'
import { Allowed } from '../../../components/Allowed.tsx'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { Notice, Problem } from '../../../components/Notice.tsx'
import classes from '../Settings.module.css'
import { useDisclosure } from '../useDisclosure.ts'
import { inputOfSaved, KINDS, TYPES } from './channelForm.ts'
import { ChannelForm } from './ChannelForm.tsx'
import { useSaveNotices } from './saveNotices.ts'

type ItemProps = {
  channel: NoticeChannel
  settings: NoticeSettings
  onSaved: (settings: NoticeSettings) => void
}

/** One channel: what it gets, a test, and the ways to change it. */
export function ChannelItem({ channel, settings, onSaved }: ItemProps) {
  const form = useDisclosure()
  const { id, type, name, kinds, shown } = channel
  const label = name ?? `${TYPES[type]} ${shown}`
  const test = useMutation({
    mutationFn: () => call<NoticeTestResult>('POST', 'api/notices/test', { body: { channel_id: id } }),
  })
  const outcome = test.data?.data[0]
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name}>{label}</p>
        <p className={classes.more}>
          {TYPES[type]} · <code>{shown}</code>
        </p>
        <p className={classes.more}>
          {kinds === null
            ? 'Gets everything'
            : `Gets ${kinds.map((kind) => KINDS[kind].toLowerCase()).join(', ')}`}
        </p>
      </div>
      <Allowed least="owner">
        <div className={classes.actions}>
          <Button
            variant="default"
            size="xs"
            aria-label={`Send a test to ${label}`}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            Send test
          </Button>
          <Button variant="default" size="xs" aria-label={`Edit ${label}`} {...form.button}>
            Edit
          </Button>
          <RemoveChannel channel={channel} settings={settings} onSaved={onSaved} label={label} />
        </div>
      </Allowed>
      {(outcome ?? test.error) && (
        <div className={classes.form}>
          {outcome?.ok && <Notice tone="good" title="The test was delivered" />}
          {outcome && !outcome.ok && (
            <Notice tone="bad" title="The test was not delivered">
              {outcome.error ?? `The receiver answered ${outcome.status}.`}
            </Notice>
          )}
          {test.error && <Problem error={test.error} />}
        </div>
      )}
      {form.isOpen && (
        <ChannelForm settings={settings} channel={channel} onSaved={onSaved} onDone={form.close} />
      )}
    </li>
  )
}

function RemoveChannel({ channel, settings, onSaved, label }: ItemProps & { label: string }) {
  const [asking, setAsking] = useState(false)
  const save = useSaveNotices((next) => {
    setAsking(false)
    onSaved(next)
  })
  const rest = settings.channels.filter(({ id }) => id !== channel.id)
  return (
    <>
      <Button variant="default" size="xs" aria-label={`Remove ${label}`} onClick={() => setAsking(true)}>
        Remove
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`Remove ${label}?`}
        confirm="Remove"
        danger
        busy={save.isPending}
        error={save.error}
        onConfirm={() => save.mutate({ base: settings, change: { channels: rest.map(inputOfSaved) } })}
        onClose={() => setAsking(false)}
      >
        It will not receive any more notices. Its URL and tokens cannot be restored.
      </ConfirmDialog>
    </>
  )
}
