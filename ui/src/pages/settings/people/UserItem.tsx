import { Button, NativeSelect } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../../api/client.ts'
import { usersQuery } from '../../../api/peopleQueries.ts'
import { sessionQuery } from '../../../api/queries.ts'
import type { PasswordResetLink, Role, User } from '../../../api/types.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { Problem } from '../../../components/Notice.tsx'
import { RelativeTime } from '../../../components/RelativeTime.tsx'
import classes from '../Settings.module.css'
import type { OneTimeLinkProps } from './OneTimeLink.tsx'
import { ROLE_OPTIONS } from './roles.ts'

/** One person: the role, and what an owner can do about them. */
export function UserItem({ user, onLink }: { user: User; onLink: (link: OneTimeLinkProps) => void }) {
  const client = useQueryClient()
  const { data: session } = useQuery(sessionQuery)
  const [asking, setAsking] = useState<'disable' | 'remove' | 'reset'>()
  const path = `api/users/${encodeURIComponent(user.id)}`
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: usersQuery.queryKey })

  const change = useMutation({
    mutationFn: (body: { role?: Role; disabled?: boolean }) => call<User>('PATCH', path, { body }),
    onSuccess: async () => {
      setAsking(undefined)
      await Promise.all([refresh(), client.invalidateQueries({ queryKey: sessionQuery.queryKey })])
    },
  })
  const remove = useMutation({
    mutationFn: () => call('DELETE', path),
    onSuccess: async () => {
      setAsking(undefined)
      await refresh()
    },
  })
  const reset = useMutation({
    mutationFn: () => call<PasswordResetLink>('POST', `${path}/password_reset`),
    gcTime: 0,
    onSuccess: ({ url, mail }) => {
      setAsking(undefined)
      onLink({ url, mail, email: user.email, purpose: 'reset' })
    },
  })

  const isSelf = session?.user?.id === user.id
  const ask = (what: typeof asking) => () => {
    for (const one of [change, remove, reset]) one.reset()
    setAsking(what)
  }
  const close = (): void => setAsking(undefined)
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name}>
          {user.name}
          {isSelf && ' (you)'}
          {user.disabled && ' (disabled)'}
        </p>
        <p className={classes.more}>
          {user.email}
          {user.last_sign_in_at === null ? (
            ' · has not signed in yet'
          ) : (
            <>
              {' · signed in '}
              <RelativeTime at={user.last_sign_in_at} />
            </>
          )}
          {user.has_single_sign_on && ' · single sign-on'}
        </p>
      </div>
      <div className={classes.actions}>
        <NativeSelect
          size="xs"
          aria-label={`Role of ${user.name}`}
          data={ROLE_OPTIONS.map(({ value, label }) => ({ value, label }))}
          value={user.role}
          disabled={change.isPending}
          onChange={(event) => change.mutate({ role: event.currentTarget.value as Role })}
        />
        <Button
          variant="default"
          size="xs"
          aria-label={`Password link for ${user.name}`}
          onClick={ask('reset')}
        >
          Password link
        </Button>
        {user.disabled ? (
          <Button
            variant="default"
            size="xs"
            aria-label={`Enable ${user.name}`}
            loading={change.isPending}
            onClick={() => change.mutate({ disabled: false })}
          >
            Enable
          </Button>
        ) : (
          <Button variant="default" size="xs" aria-label={`Disable ${user.name}`} onClick={ask('disable')}>
            Disable
          </Button>
        )}
        <Button variant="default" size="xs" aria-label={`Remove ${user.name}`} onClick={ask('remove')}>
          Remove
        </Button>
      </div>
      {change.isError && asking === undefined && <Problem error={change.error} />}
      <ConfirmDialog
        opened={asking === 'disable'}
        title={`Disable ${user.name}?`}
        confirm="Disable"
        danger
        busy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ disabled: true })}
        onClose={close}
      >
        {isSelf ? 'You are signed out' : 'Their sessions end'} immediately, and signing in is refused until an
        owner enables the account again. Invitations and password links that this user created stop working.
        The user's changes stay in the audit log.
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'remove'}
        title={`Remove ${user.name}?`}
        confirm="Remove"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={close}
      >
        {isSelf ? 'You are signed out' : 'Their sessions end'} immediately. Invitations and password links
        that this user created stop working; API keys keep working. The user's changes stay in the audit log.
        This cannot be undone.
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'reset'}
        title={`Create a password link for ${user.name}?`}
        confirm="Create link"
        busy={reset.isPending}
        error={reset.error}
        onConfirm={() => reset.mutate()}
        onClose={close}
      >
        Whoever opens the link can set a new password for {user.email}, which ends all their sessions. Earlier
        links stop working.
      </ConfirmDialog>
    </li>
  )
}
