import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { call, withQuery } from '../../api/client.ts'
import { agentsQuery } from '../../api/queries.ts'
import type { Agent } from '../../api/types.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import classes from './DeleteAgent.module.css'

export function DeleteAgent({ agent }: { agent: Agent }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: (tasks?: 'cancel') => call('DELETE', withQuery(`api/agents/${agent.id}`, { tasks })),
    onSuccess: async () => {
      await navigate({ to: '/agents', ignoreBlocker: true })
      await client.invalidateQueries({ queryKey: agentsQuery.queryKey })
    },
  })
  const isInUse = remove.error instanceof ApiError && remove.error.problem.code === 'agent_in_use'
  return (
    <div className={classes.strip}>
      <p>Deleting the agent disables its URLs and keys immediately. Its tasks are kept.</p>
      <Button variant="default" onClick={() => setAsking(true)}>
        Delete agent
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`Delete ${agent.name}?`}
        confirm={isInUse ? 'Cancel its tasks and delete' : 'Delete'}
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(isInUse ? 'cancel' : undefined)}
        onClose={() => setAsking(false)}
      >
        Requests to its URLs will get 404. This cannot be undone.
      </ConfirmDialog>
    </div>
  )
}
