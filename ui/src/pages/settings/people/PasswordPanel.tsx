import { Button, PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { call } from '../../../api/client.ts'
import { sessionQuery } from '../../../api/queries.ts'
import type { Session } from '../../../api/types.ts'
import { Notice, Problem } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import { useFormErrors } from '../../../lib/useFormErrors.ts'
import classes from '../Settings.module.css'

const FIELDS = ['current_password', 'password'] as const

/** Sets or changes one's own password. */
export function PasswordPanel({ user }: { user: NonNullable<Session['user']> }) {
  const client = useQueryClient()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () =>
      call('PUT', 'api/session/password', {
        body: { password, ...(user.has_password ? { current_password: current } : {}) },
      }),
    gcTime: 0,
    onSuccess: async () => {
      setCurrent('')
      setPassword('')
      await Promise.all([
        client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
        client.invalidateQueries({ queryKey: ['sessions'] }),
      ])
    },
  })
  const { errors, setOwn } = useFormErrors(change.error, FIELDS)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const own = {
      ...(user.has_password && current === '' ? { current_password: 'Enter your current password.' } : {}),
      ...(password.length < 12 ? { password: 'Use at least 12 characters.' } : {}),
    }
    setOwn(own)
    if (Object.keys(own).length === 0) change.mutate()
  }

  return (
    <Panel title="Your password">
      <p className={classes.about}>
        You are signed in as {user.name}, {user.email}. Changing the password ends your other sessions.
      </p>
      {change.isSuccess && <Notice tone="good" title="Password changed" />}
      {change.isError && Object.keys(errors).length === 0 && <Problem error={change.error} />}
      <form onSubmit={submit} noValidate className={classes.form} aria-label="Your password">
        <input type="hidden" autoComplete="username" value={user.email} readOnly />
        <div className={classes.pair}>
          {user.has_password && (
            <PasswordInput
              label="Current password"
              value={current}
              error={errors.current_password}
              onChange={(event) => setCurrent(event.currentTarget.value)}
              autoComplete="current-password"
              data-field="current_password"
            />
          )}
          <PasswordInput
            label="New password"
            description="At least 12 characters."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={password}
            error={errors.password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="new-password"
            data-field="password"
          />
        </div>
        <div className={classes.actions}>
          <Button type="submit" variant="default" loading={change.isPending}>
            {user.has_password ? 'Change password' : 'Set password'}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
