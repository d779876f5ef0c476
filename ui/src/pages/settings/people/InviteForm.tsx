import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { call } from '../../../api/client.ts'
import { invitationsQuery } from '../../../api/peopleQueries.ts'
import type { CreatedInvitation, Role } from '../../../api/types.ts'
import { FormProblem } from '../../../components/FormProblem.tsx'
import { useFormErrors } from '../../../lib/useFormErrors.ts'
import classes from '../Settings.module.css'
import { RoleSelect } from './RoleSelect.tsx'

const FIELDS = ['email', 'role'] as const

/** Makes a link with which somebody joins. */
export function InviteForm({
  onCreated,
  onCancel,
}: {
  onCreated: (created: CreatedInvitation) => void
  onCancel: () => void
}) {
  const client = useQueryClient()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const [form, setForm] = useState<{ email: string; role: Role }>({ email: '', role: 'editor' })
  const create = useMutation({
    mutationFn: () => call<CreatedInvitation>('POST', 'api/invitations', { body: form }),
    // The link is in nobody's memory for longer than the page shows it.
    gcTime: 0,
    onSuccess: async (created) => {
      onCreated(created)
      await client.invalidateQueries({ queryKey: invitationsQuery.queryKey })
    },
  })
  const { errors, isMarked, rest, setOwn } = useFormErrors(create.error, FIELDS)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const own = form.email.trim() === '' ? { email: 'Enter an email address.' } : {}
    setOwn(own)
    if (form.email.trim() !== '') create.mutate()
  }

  return (
    <form onSubmit={submit} noValidate className={classes.form} aria-label="Invite">
      <div className={classes.pair}>
        <TextInput
          ref={first}
          label="Email"
          type="email"
          required
          value={form.email}
          error={errors.email}
          onChange={(event) => setForm({ ...form, email: event.currentTarget.value })}
          data-field="email"
        />
        <RoleSelect role={form.role} error={errors.role} onChange={(role) => setForm({ ...form, role })} />
      </div>
      <FormProblem error={create.error} isMarked={isMarked} rest={rest} />
      <div className={classes.actions}>
        <Button type="submit" loading={create.isPending}>
          Create invitation
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
