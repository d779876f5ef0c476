import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../../api/client.ts'
import { invitationsQuery } from '../../../api/peopleQueries.ts'
import type { CreatedInvitation, Invitation } from '../../../api/types.ts'
import { Problem } from '../../../components/Notice.tsx'
import { RelativeTime } from '../../../components/RelativeTime.tsx'
import { useNow } from '../../../lib/useNow.ts'
import classes from '../Settings.module.css'
import type { OneTimeLinkProps } from './OneTimeLink.tsx'
import { roleLabel } from './roles.ts'

/** An invitation that nobody has accepted yet. */
export function InvitationItem({
  invitation: { id, email, role, created_by: by, expires_at: expiresAt },
  onLink,
}: {
  invitation: Invitation
  onLink: (link: OneTimeLinkProps) => void
}) {
  const client = useQueryClient()
  const now = useNow()
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: invitationsQuery.queryKey })
  const withdraw = useMutation({
    mutationFn: () => call('DELETE', `api/invitations/${encodeURIComponent(id)}`),
    onSuccess: refresh,
  })
  const renew = useMutation({
    mutationFn: () => call<CreatedInvitation>('POST', 'api/invitations', { body: { email, role } }),
    gcTime: 0,
    onSuccess: async ({ url, mail }) => {
      onLink({ url, mail, email, purpose: 'invitation' })
      await refresh()
    },
  })
  const error = withdraw.error ?? renew.error
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name}>{email}</p>
        <p className={classes.more}>
          {roleLabel(role)} · invited by {by} · {new Date(expiresAt) < now ? 'expired ' : 'expires '}
          <RelativeTime at={expiresAt} />
        </p>
      </div>
      <div className={classes.actions}>
        <Button
          variant="default"
          size="xs"
          aria-label={`New link for ${email}`}
          loading={renew.isPending}
          onClick={() => renew.mutate()}
        >
          New link
        </Button>
        <Button
          variant="default"
          size="xs"
          aria-label={`Withdraw the invitation of ${email}`}
          loading={withdraw.isPending}
          onClick={() => withdraw.mutate()}
        >
          Withdraw
        </Button>
      </div>
      {error !== null && <Problem error={error} />}
    </li>
  )
}
