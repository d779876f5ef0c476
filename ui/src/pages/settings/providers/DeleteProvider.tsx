import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../../api/client.ts'
import type { Provider } from '../../../api/types.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'

/** Deletes a provider, and says before which agents use it. */
export function DeleteProvider({ provider: { name, used_by: users } }: { provider: Provider }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    // An agent may have begun to use it since: then the server refuses, and names it.
    mutationFn: () =>
      call('DELETE', `api/providers/${encodeURIComponent(name)}${users.length > 0 ? '?in_use=delete' : ''}`),
    onSuccess: async () => {
      setAsking(false)
      await Promise.all(['providers', 'models'].map((key) => client.invalidateQueries({ queryKey: [key] })))
    },
    onError: () => client.invalidateQueries({ queryKey: ['providers'] }),
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`Delete ${name}`}
        onClick={() => {
          remove.reset()
          setAsking(true)
        }}
      >
        Delete
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`Delete ${name}?`}
        confirm="Delete"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      >
        {users.length === 0
          ? 'No agent uses it. Its key cannot be restored.'
          : `Used by ${users.map((user) => user.name).join(', ')}. Their runs will fail until you choose another model for them. The key cannot be restored.`}
      </ConfirmDialog>
    </>
  )
}
