import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import type { ReplayManyAnswer } from '../../api/types.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'

/** Replays all failed tasks, or those of one agent. */
export function ReplayFailed({ agentId }: { agentId: string | undefined }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const replay = useMutation({
    mutationFn: () =>
      call<ReplayManyAnswer>('POST', 'api/tasks/replay', {
        body: { filter: { state: 'FAILURE', ...(agentId === undefined ? {} : { agent_id: agentId }) } },
      }),
    onSuccess: () => setAsking(false),
    onSettled: () => client.invalidateQueries({ queryKey: ['tasks'] }),
  })
  return (
    <>
      <span role="status">{replay.data && said(replay.data)}</span>
      <Button variant="default" onClick={() => setAsking(true)}>
        Replay all failed
      </Button>
      <ConfirmDialog
        opened={asking}
        title="Replay all failed tasks?"
        confirm="Replay all failed"
        busy={replay.isPending}
        error={replay.error}
        onConfirm={() => replay.mutate()}
        onClose={() => setAsking(false)}
      >
        {agentId === undefined ? 'All failed tasks' : 'All failed tasks of this agent'} that have not been
        replayed are continued as new tasks. Recorded calls are not made again.
      </ConfirmDialog>
    </>
  )
}

function said({ task_ids: ids, skipped, more }: ReplayManyAnswer): string {
  const started = `${ids.length} ${ids.length === 1 ? 'task' : 'tasks'} started`
  return [
    started,
    ...(skipped.length > 0 ? [`${skipped.length} cannot be replayed`] : []),
    ...(more ? ['more are left'] : []),
  ].join(', ')
}
