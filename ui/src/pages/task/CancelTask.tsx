import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { taskQuery, waitingQuery } from '../../api/queries.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'

export function CancelTask({ taskId }: { taskId: string }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const cancel = useMutation({
    mutationFn: () => call('POST', `api/tasks/${taskId}/cancel`),
    onSuccess: () => setAsking(false),
    onSettled: () =>
      Promise.all(
        [taskQuery(taskId), waitingQuery].map(({ queryKey }) => client.invalidateQueries({ queryKey })),
      ),
  })
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Cancel task
      </Button>
      <ConfirmDialog
        opened={asking}
        title="Cancel this task?"
        confirm="Cancel task"
        cancel="Keep running"
        danger
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
        onClose={() => setAsking(false)}
      >
        The run will be stopped. Completed tool calls are not undone.
      </ConfirmDialog>
    </>
  )
}
