import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { call } from '../api/client.ts'

/** Ends the session and opens the sign-in page. */
export function useSignOut() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => call('DELETE', 'api/session'),
    onSettled: async () => {
      await navigate({ to: '/sign-in' })
      client.clear()
    },
  })
}
