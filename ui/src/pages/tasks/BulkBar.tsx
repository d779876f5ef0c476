import { Button } from '@mantine/core'
import { useState } from 'react'
import type { TaskSummary } from '../../api/types.ts'
import { counted } from '../../lib/amounts.ts'
import type { TaskSearch } from '../../lib/taskSearch.ts'
import type { Selection } from '../../lib/useSelection.ts'
import { chooseFor, type BulkAction } from './bulk.ts'
import { BulkDialog, type BulkTarget } from './BulkDialog.tsx'
import classes from './BulkDialog.module.css'

/** Actions on the selected tasks; nothing while none is selected. */
export function BulkBar({
  selection,
  loaded,
  search,
  total,
}: {
  selection: Selection<TaskSummary>
  loaded: readonly TaskSummary[]
  search: TaskSearch
  total: number | undefined
}) {
  const [asking, setAsking] = useState<{ kind: BulkAction['kind']; target: BulkTarget }>()
  const [isAll, setAll] = useState(false)
  const chosen = [...selection.items.values()]
  const all = isAll && chosen.length >= loaded.length
  const target: BulkTarget = all ? { search } : { tasks: chosen }
  const canChooseAll = !all && chosen.length >= loaded.length && (total ?? 0) > loaded.length
  if (chosen.length === 0 && !asking) return null
  return (
    <>
      <div className={classes.bar} role="toolbar" aria-label="Selected tasks">
        <span role="status">
          {all ? `All ${counted(total ?? 0, 'task')}` : counted(chosen.length, 'task')} selected
        </span>
        {canChooseAll && (
          <Button size="compact-sm" variant="subtle" onClick={() => setAll(true)}>
            Select all {(total ?? 0).toLocaleString('en-GB')}
          </Button>
        )}
        {(all || chooseFor('replay', chosen).tasks.length > 0) && (
          <Button size="compact-md" onClick={() => setAsking({ kind: 'replay', target })}>
            Replay
          </Button>
        )}
        {(all || chooseFor('cancel', chosen).tasks.length > 0) && (
          <Button size="compact-md" color="red" onClick={() => setAsking({ kind: 'cancel', target })}>
            Cancel tasks
          </Button>
        )}
        <Button
          size="compact-md"
          variant="default"
          onClick={() => {
            setAll(false)
            selection.clear()
          }}
        >
          Clear
        </Button>
      </div>
      {asking && (
        <BulkDialog
          {...asking}
          onClose={(done) => {
            setAsking(undefined)
            if (!done) return
            setAll(false)
            selection.clear()
          }}
        />
      )}
    </>
  )
}
