import { Button, PasswordInput } from '@mantine/core'
import { useState, type SyntheticEvent } from 'react'
import classes from './Door.module.css'

type Props = { isPending: boolean; onSubmit: (key: string) => void }

/** Sign-in with an admin key. */
export function KeyForm({ isPending, onSubmit }: Props) {
  const [key, setKey] = useState('')

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    if (key.trim() !== '') onSubmit(key.trim())
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <PasswordInput
        label="Admin key"
        description="Starts with bw_admin_ unless you set BELLWIRE_ADMIN_KEY."
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
        autoComplete="current-password"
        spellCheck={false}
        data-autofocus
      />
      <Button type="submit" fullWidth loading={isPending}>
        Sign in
      </Button>
    </form>
  )
}
