import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useState, type SyntheticEvent } from 'react'
import classes from './Door.module.css'

type Props = { isPending: boolean; onSubmit: (credentials: { email: string; password: string }) => void }

/** Sign-in with an email address and a password. */
export function PasswordForm({ isPending, onSubmit }: Props) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    if (email.trim() !== '' && password !== '') onSubmit({ email: email.trim(), password })
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        label="Email"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        autoComplete="username"
        data-autofocus
      />
      <PasswordInput
        label="Password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
      />
      <Button type="submit" fullWidth loading={isPending}>
        Sign in
      </Button>
    </form>
  )
}
