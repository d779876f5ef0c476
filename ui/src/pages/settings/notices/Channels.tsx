import { Button } from '@mantine/core'
import { useState } from 'react'
import type { NoticeChannel, NoticeSettings } from '../../../api/types.ts'
import { Allowed } from '../../../components/Allowed.tsx'
import { Code } from '../../../components/Code.tsx'
import { CopyButton } from '../../../components/CopyButton.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import classes from '../Settings.module.css'
import { useDisclosure } from '../useDisclosure.ts'
import { ChannelForm } from './ChannelForm.tsx'
import { ChannelItem } from './ChannelItem.tsx'

/** Where notices go. */
export function Channels({ settings }: { settings: NoticeSettings }) {
  const form = useDisclosure()
  const [made, setMade] = useState<NoticeChannel>()
  const saved = (next: NoticeSettings): void =>
    setMade(next.channels.find(({ secret }) => secret !== undefined))
  return (
    <Panel
      title="Channels"
      aside={
        <Allowed least="owner">
          <Button variant="default" size="xs" {...form.button}>
            Add channel
          </Button>
        </Allowed>
      }
    >
      <p className={classes.about}>
        Where notices are sent when something needs attention. URLs and tokens are encrypted and never shown.
      </p>
      {made?.secret !== undefined && (
        <div className={classes.made} role="group" aria-label="Signing secret">
          <Notice tone="good" title="Copy the signing secret now">
            It is shown only once. The receiver verifies notices with it.
          </Notice>
          <Code label="Signing secret" text={made.secret} />
          <div className={classes.actions}>
            <CopyButton text={made.secret} label="Copy secret" />
            <Button variant="default" onClick={() => setMade(undefined)}>
              Done
            </Button>
          </div>
        </div>
      )}
      {form.isOpen && <ChannelForm settings={settings} onSaved={saved} onDone={form.close} />}
      {settings.channels.length === 0 && (
        <p className={classes.none}>No channels yet, so no notices are sent.</p>
      )}
      {settings.channels.length > 0 && (
        <ul className={classes.list} aria-label="Channels">
          {settings.channels.map((channel) => (
            <ChannelItem key={channel.id} channel={channel} settings={settings} onSaved={saved} />
          ))}
        </ul>
      )}
    </Panel>
  )
}
