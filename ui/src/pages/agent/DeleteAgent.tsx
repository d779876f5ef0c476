import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { agentsQuery } from '../../api/queries.ts'
import type { Agent } from '../../api/types.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import classes from './DeleteAgent.module.css'

export function DeleteAgent({ agent }: { agent: Agent }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => call('DELETE', `api/agents/${agent.id}`),
    onSuccess: async () => {
      await navigate({ to: '/agents', ignoreBlocker: true })
      await client.invalidateQueries({ queryKey: agentsQuery.queryKey })
    },
  })
  return (
    <div className={classes.strip}>
      <p>Deleting the agent disables its URLs and keys immediately. Its tasks are kept.</p>
      <Button variant="default" onClick={() => setAsking(true)}>
        Delete agent
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`Delete ${agent.name}?`}
        confirm="Delete"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      >
        Requests to its URLs will get 404. This cannot be undone.
      </ConfirmDialog>
    </div>
  )
}
