import { Checkbox, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { Webhook } from '../../api/types.ts'
import { Code } from '../../components/Code.tsx'
import { Panel } from '../../components/Panel.tsx'
import { maskUrl } from '../../lib/maskUrl.ts'
import { callOf } from '../../lib/snippets/call.ts'
import { LANGUAGES } from '../../lib/snippets/snippets.ts'
import classes from './WebhookPanel.module.css'

/** The call in some languages: the URL is hidden on the screen and whole in what is copied. */
export function Snippets({ webhook, payload }: { webhook: Webhook; payload: unknown }) {
  const [name, setName] = useState('curl')
  const [withKey, setWithKey] = useState(false)
  const [waits, setWaits] = useState(false)
  const language = LANGUAGES.find((each) => each.name === name)
  const made = callOf(webhook, { payload, withKey, waits })
  if ('reason' in made) {
    return (
      <Panel title="Call it">
        <p className={classes.reason}>{made.reason}</p>
      </Panel>
    )
  }
  return (
    <Panel
      title="Call it"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Language"
          data={LANGUAGES.map((each) => each.name)}
          value={name}
          onChange={setName}
        />
      }
    >
      <div className={classes.options}>
        <Checkbox
          size="xs"
          label="Idempotency key"
          checked={withKey}
          onChange={(event) => setWithKey(event.currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label="Wait for the result"
          checked={waits}
          onChange={(event) => setWaits(event.currentTarget.checked)}
        />
      </div>
      {language && (
        <Code
          label={`${name} snippet`}
          text={language.write(made.call, maskUrl(webhook.url))}
          copy={language.write(made.call, webhook.url)}
        />
      )}
      <p className={classes.hint}>
        Copying includes the full URL.{' '}
        {made.call.answer === 'task' && (
          <>
            The response has a <code>task_id</code>, and a status link to read the result from: add{' '}
            <code>&amp;wait=30</code> to wait for it.
          </>
        )}
      </p>
    </Panel>
  )
}
