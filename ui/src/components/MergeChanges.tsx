import { Button, Radio } from '@mantine/core'
import { useState } from 'react'
import type { Merge } from '../lib/mergeForms.ts'
import classes from './MergeChanges.module.css'

/**
 * Shown above a form when someone else has saved in the meantime: which of their fields are taken over, and for each
 * field that both changed, both values to choose from.
 */
export function MergeChanges<Form extends Record<string, unknown>>({
  title,
  merge,
  theirs,
  labelOf,
  onMerge,
  onDiscard,
}: {
  title: string
  merge: Merge<Form>
  theirs: Form
  labelOf: (field: keyof Form & string) => string
  /** Continues with both changes, as chosen. Nothing is saved yet. */
  onMerge: (form: Form) => void
  /** Continues with what is saved now. */
  onDiscard: () => void
}) {
  const { merged, taken, conflicts } = merge
  const [chosen, setChosen] = useState<Partial<Record<string, string>>>({})

  function submit(): void {
    const form = { ...merged }
    for (const field of conflicts) if (chosen[field] === 'theirs') form[field] = theirs[field]
    onMerge(form)
  }

  return (
    <section className={classes.merge} role="alert" aria-label={title}>
      <h2>{title}</h2>
      {taken.length > 0 && (
        <p>
          Changed only there, and taken over: <strong>{taken.map(labelOf).join(', ')}</strong>.
        </p>
      )}
      {conflicts.length === 0 ? (
        <p>Your changes do not conflict with it.</p>
      ) : (
        <p>Changed in both places. Choose which value to keep:</p>
      )}
      {conflicts.map((field) => (
        <Radio.Group
          key={field}
          label={labelOf(field)}
          value={chosen[field] ?? 'mine'}
          onChange={(value) => setChosen({ ...chosen, [field]: value })}
        >
          <div className={classes.sides}>
            <Side value="mine" label="Yours" content={merged[field]} />
            <Side value="theirs" label="Saved" content={theirs[field]} />
          </div>
        </Radio.Group>
      ))}
      <div className={classes.actions}>
        <Button onClick={submit}>Merge changes</Button>
        <Button variant="default" onClick={onDiscard}>
          Discard my changes
        </Button>
      </div>
    </section>
  )
}

function Side({ value, label, content }: { value: string; label: string; content: unknown }) {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
  return (
    <div className={classes.side}>
      <Radio value={value} label={label} />
      <pre tabIndex={0}>{text === '' ? '(empty)' : text}</pre>
    </div>
  )
}
