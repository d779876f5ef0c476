import { Button } from '@mantine/core'
import { Notice } from '../../../components/Notice.tsx'
import type { FormDraft } from '../../../lib/formDrafts.ts'
import { isField, labelOf } from '../agentForm.ts'
import { shortTime } from '../../../lib/time.ts'
import classes from './RestoreDraft.module.css'

/** Offers what was typed on an earlier visit and not saved. */
export function RestoreDraft({
  draft: { at, left, revision },
  latest,
  busy = false,
  onRestore,
  onDiscard,
}: {
  draft: FormDraft
  /** The latest revision; undefined for an agent that is not saved yet. */
  latest?: number
  busy?: boolean
  onRestore: () => void
  onDiscard: () => void
}) {
  const names = left.map((field) => (isField(field) ? labelOf(field) : field)).join(', ')
  return (
    <div className={classes.offer}>
      <Notice
        title={`You have unsaved changes from ${shortTime(new Date(at))}`}
        action={
          <div className={classes.actions}>
            <Button size="compact-sm" loading={busy} onClick={onRestore}>
              Restore
            </Button>
            <Button size="compact-sm" variant="default" onClick={onDiscard}>
              Discard
            </Button>
          </div>
        }
      >
        {latest !== undefined && revision < latest && (
          <p>
            They were made on revision {revision}; the latest is {latest}. Restore merges the two.
          </p>
        )}
        {left.length > 0 && <p>Not kept, because it seems to contain a secret: {names}.</p>}
      </Notice>
    </div>
  )
}
