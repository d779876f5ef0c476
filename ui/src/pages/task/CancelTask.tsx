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
        Cancel the task
      </Button>
      <ConfirmDialog
        opened={asking}
        title="Cancel this task?"
        confirm="Cancel the task"
        cancel="Let it run"
        danger
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
        onClose={() => setAsking(false)}
      >
        Its run is stopped. What its tools have done already stays done.
      </ConfirmDialog>
    </>
  )
}
