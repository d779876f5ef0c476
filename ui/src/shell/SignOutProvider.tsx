import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState, type ReactNode } from 'react'
import { call } from '../api/client.ts'
import { signInOptionsQuery } from '../api/peopleQueries.ts'
import { ConfirmDialog } from '../components/ConfirmDialog.tsx'
import { hasDrafts } from '../lib/formDrafts.ts'
import { forgetOnSignOut } from '../lib/keptData.ts'
import { SignOutContext } from './useSignOut.ts'

/**
 * Ends the session, forgets what this browser kept for it, and opens the sign-in page. Asks first if that includes changes
 * which were not saved.
 */
export function SignOutProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [isAsking, setAsking] = useState(false)
  const { mutate, isPending } = useMutation({
    mutationFn: () => call('DELETE', 'api/session'),
    onSettled: async () => {
      // A form of which changes are kept was asked about already.
      await navigate({ to: '/sign-in', ignoreBlocker: hasDrafts() })
      // All but what the sign-in page is loading: it would wait for ever for a query that is gone.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== signInOptionsQuery.queryKey[0] })
      // Now that no form is open.
      forgetOnSignOut()
    },
  })
  const value = useMemo(
    () => ({ isPending, signOut: () => (hasDrafts() ? setAsking(true) : mutate()) }),
    [isPending, mutate],
  )
  return (
    <SignOutContext value={value}>
      {children}
      <ConfirmDialog
        opened={isAsking}
        title="Sign out without saving?"
        confirm="Sign out"
        busy={isPending}
        onConfirm={() => mutate()}
        onClose={() => setAsking(false)}
      >
        Signing out removes the unsaved changes that are kept in this browser.
      </ConfirmDialog>
    </SignOutContext>
  )
}
