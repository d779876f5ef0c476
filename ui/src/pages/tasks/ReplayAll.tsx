import { Button } from '@mantine/core'
import { useState } from 'react'
import type { TaskSearch } from '../../lib/taskSearch.ts'
import { BulkDialog } from './BulkDialog.tsx'

/** Replays all tasks of a search, after a summary. */
export function ReplayAll({ search, label }: { search: TaskSearch; label: string }) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {label}
      </Button>
      {asking && <BulkDialog kind="replay" target={{ search }} onClose={() => setAsking(false)} />}
    </>
  )
}
