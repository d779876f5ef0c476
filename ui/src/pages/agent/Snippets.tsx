import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { Code } from '../../components/Code.tsx'
import { Panel } from '../../components/Panel.tsx'
import { maskUrl, snippetsFor } from '../../lib/snippets.ts'
import classes from './WebhookPanel.module.css'

/** The call in some languages: the URL is hidden on the screen and whole in what is copied. */
export function Snippets({ url, payload }: { url: string; payload: unknown }) {
  const snippets = snippetsFor(payload)
  const [name, setName] = useState('curl')
  const snippet = snippets.find((each) => each.name === name) ?? snippets[0]
  return (
    <Panel
      title="Call it"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Language"
          data={snippets.map((each) => each.name)}
          value={name}
          onChange={setName}
        />
      }
    >
      {snippet && (
        <Code label={`${snippet.name} snippet`} text={snippet.text(maskUrl(url))} copy={snippet.text(url)} />
      )}
      <p className={classes.hint}>
        Copying includes the full URL. The response has a <code>task_id</code>, and a status link to read the
        result from: add <code>&amp;wait=30</code> to wait for it.
      </p>
    </Panel>
  )
}
