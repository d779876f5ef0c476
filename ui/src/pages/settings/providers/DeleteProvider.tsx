import { useQueryClient } from '@tanstack/react-query'
import { call } from '../../../api/client.ts'
import type { Provider } from '../../../api/types.ts'
import { ConfirmButton } from '../ConfirmButton.tsx'

/** Deletes a provider, and says before which agents use it. */
export function DeleteProvider({ provider: { name, used_by: users } }: { provider: Provider }) {
  const client = useQueryClient()
  const refresh = (...keys: string[]) =>
    Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })))
  return (
    <ConfirmButton
      action="Delete"
      name={name}
      // An agent may use it by now: then the server refuses, and names the agent.
      run={() =>
        call('DELETE', `api/providers/${encodeURIComponent(name)}${users.length > 0 ? '?in_use=delete' : ''}`)
      }
      onDone={() => refresh('providers', 'models')}
      onFailed={() => refresh('providers')}
    >
      {users.length === 0
        ? 'No agent uses it. Its key cannot be restored.'
        : `Used by ${users.map((user) => user.name).join(', ')}. Their runs will fail until you choose another model for them. The key cannot be restored.`}
    </ConfirmButton>
  )
}
