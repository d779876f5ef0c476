import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation, useRouter } from '@tanstack/react-router'
import { useEffect, useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { userLinkQuery } from '../../api/peopleQueries.ts'
import { sessionQuery } from '../../api/queries.ts'
import type { Session, UserLink } from '../../api/types.ts'
import { Problem } from '../../components/Notice.tsx'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { Door } from './Door.tsx'
import classes from './Door.module.css'

/** An invitation, or a link that sets a new password. Its token comes after the # of the address. */
export function UserLinkPage() {
  useTitle('Welcome')
  const router = useRouter()
  const hash = useLocation({ select: (location) => location.hash })
  const [token] = useState(hash)
  useEffect(() => {
    // Removed from the URL and the history immediately.
    if (hash !== '') router.history.replace(router.history.location.pathname)
  }, [hash, router])
  const link = useQuery({ ...userLinkQuery(token), enabled: token !== '' })

  if (token === '') {
    return (
      <Door title="This link is incomplete">
        <p className={classes.text}>
          Copy the whole link, including the part after the #, and open it again. If you opened it before,{' '}
          <Link to="/sign-in">sign in</Link>.
        </p>
      </Door>
    )
  }
  if (link.isPending) {
    return (
      <Door title="Bellwire">
        <p className={classes.text} role="status">
          Loading…
        </p>
      </Door>
    )
  }
  if (link.isError) {
    return (
      <Door title="This link does not work">
        <Problem
          error={link.error}
          action={
            <Button size="xs" variant="default" onClick={() => void link.refetch()}>
              Try again
            </Button>
          }
        />
        <p className={classes.text}>
          Already used this link? Then <Link to="/sign-in">sign in</Link>.
        </p>
      </Door>
    )
  }
  return <Accept link={link.data} token={token} />
}

const ROLES: Record<UserLink['role'], string> = {
  viewer: 'You can see everything but cannot make changes.',
  approver: 'You can see everything, decide approvals and answer questions.',
  editor: 'You can change agents, webhooks and schedules, and start, replay and cancel tasks.',
  owner: 'You can change everything, including people and settings.',
}

function Accept({ link, token }: { link: UserLink; token: string }) {
  const client = useQueryClient()
  const router = useRouter()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const isInvitation = link.kind === 'invitation'

  const accept = useMutation({
    mutationFn: () =>
      isInvitation
        ? call<Session>('POST', 'api/invitations/accept', { body: { token, name: name.trim(), password } })
        : call<Session>('POST', 'api/password_resets/accept', { body: { token, password } }),
    onSuccess: (session) => {
      client.clear()
      client.setQueryData(sessionQuery.queryKey, session)
      void router.navigate({ to: '/', replace: true })
    },
  })
  const { errors, setOwn } = useFormErrors(accept.error, ['name', 'password'])

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const own = {
      ...(isInvitation && name.trim() === '' ? { name: 'Enter your name' } : {}),
      ...(password.length < 12 ? { password: 'Use at least 12 characters' } : {}),
    }
    setOwn(own)
    if (Object.keys(own).length === 0) accept.mutate()
  }

  return (
    <Door title={isInvitation ? 'Join Bellwire' : 'Set a new password'}>
      <p className={classes.text}>
        {isInvitation ? `For ${link.email}, as ${link.role}. ${ROLES[link.role]}` : `For ${link.email}.`}
      </p>
      {accept.isError && Object.keys(errors).length === 0 && <Problem error={accept.error} />}
      <form onSubmit={submit} className={classes.form} noValidate>
        <input type="hidden" name="username" autoComplete="username" value={link.email} readOnly />
        {isInvitation && (
          <TextInput
            label="Your name"
            value={name}
            error={errors.name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="name"
            data-field="name"
          />
        )}
        <PasswordInput
          label="Password"
          description="At least 12 characters."
          value={password}
          error={errors.password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          data-field="password"
        />
        <Button type="submit" fullWidth loading={accept.isPending}>
          {isInvitation ? 'Join' : 'Set password'}
        </Button>
      </form>
    </Door>
  )
}
