import { Button, NativeSelect } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { taskQuery } from '../../api/queries.ts'
import type { ReplayAnswer, TaskDetail } from '../../api/types.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'

type Revision = 'same' | 'latest'
type Writes = ReplayAnswer['writes']

const WRITES: Record<Writes, { label: string; about: string }> = {
  continue: {
    label: 'Continue the run',
    about: 'Recorded calls are not made again. The run continues live from the call that failed.',
  },
  recorded: {
    label: 'Answer writes from the record',
    about: 'Reads are made again. Writes are answered from the record of this run, and never made.',
  },
  live: { label: 'Call everything again', about: 'All calls are made again, writes included.' },
}

/** Runs a task again, as a new one. */
export function ReplayTask({ task, prominent = false }: { task: TaskDetail; prominent?: boolean }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const [revision, setRevision] = useState<Revision>('same')
  const [chosen, setChosen] = useState<Writes>()
  const writes = chosen ?? defaultWrites(task, revision)
  const replay = useMutation({
    mutationFn: () =>
      call<ReplayAnswer>('POST', `api/tasks/${task.id}/replay`, { body: { revision, writes } }),
    onSuccess: async ({ task_id: taskId }) => {
      setAsking(false)
      await client.invalidateQueries({ queryKey: taskQuery(task.id).queryKey })
      await navigate({ to: '/tasks/$taskId', params: { taskId } })
    },
  })
  return (
    <>
      <Button variant={prominent ? 'filled' : 'default'} onClick={() => setAsking(true)}>
        Replay
      </Button>
      <ConfirmDialog
        opened={asking}
        title="Replay this task?"
        confirm="Replay task"
        danger={writes === 'live'}
        busy={replay.isPending}
        error={replay.error}
        onConfirm={() => replay.mutate()}
        onClose={() => setAsking(false)}
      >
        <NativeSelect
          label="Revision"
          value={revision}
          data={[
            { value: 'same', label: `Revision ${task.revision}, as before` },
            { value: 'latest', label: 'Latest revision of the agent' },
          ]}
          onChange={(event) => setRevision(event.currentTarget.value as Revision)}
        />
        <NativeSelect
          label="Calls"
          mt="sm"
          description={WRITES[writes].about}
          value={writes}
          data={Object.entries(WRITES).map(([value, { label }]) => ({ value, label }))}
          onChange={(event) => setChosen(event.currentTarget.value as Writes)}
        />
      </ConfirmDialog>
    </>
  )
}

/** The default of the API. */
function defaultWrites({ state }: TaskDetail, revision: Revision): Writes {
  return revision === 'same' && state !== 'SUCCESS' ? 'continue' : 'recorded'
}
