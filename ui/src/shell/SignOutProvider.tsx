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
 * Ends the session, removes what this browser kept for it, and opens the sign-in page. Asks first if there are unsaved
 * changes.
 */
export function SignOutProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [isAsking, setAsking] = useState(false)
  const { mutate, isPending } = useMutation({
    mutationFn: () => call('DELETE', 'api/session'),
    onSettled: async () => {
      // If changes are kept, the dialog has already asked about them.
      await navigate({ to: '/sign-in', ignoreBlocker: hasDrafts() })
      // Keeps what the sign-in page is loading: it would wait forever for a query that was removed.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== signInOptionsQuery.queryKey[0] })
      // Only now, when no form is open.
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
