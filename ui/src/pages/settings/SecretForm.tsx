import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { secretsQuery } from '../../api/settingsQueries.ts'
import { Notice, Problem } from '../../components/Notice.tsx'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import classes from './Settings.module.css'

const FIELDS = ['name', 'value'] as const

/** Sets a secret, or replaces the value of the one that is named. */
export function SecretForm({ name: known, onDone }: { name?: string; onDone: () => void }) {
  const client = useQueryClient()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const [name, setName] = useState(known ?? '')
  const [value, setValue] = useState('')
  const save = useMutation({
    mutationFn: () => call('PUT', `api/secrets/${encodeURIComponent(name.trim())}`, { body: { value } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: secretsQuery.queryKey })
      onDone()
    },
  })
  const { errors, rest, setOwn } = useFormErrors(save.error, FIELDS)
  const isMarked = Object.keys(errors).length > 0

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const own = {
      ...(name.trim() === '' ? { name: 'Enter a name.' } : {}),
      ...(value === '' ? { value: 'Enter a value.' } : {}),
    }
    setOwn(own)
    if (Object.keys(own).length === 0) save.mutate()
  }

  return (
    <form
      onSubmit={submit}
      noValidate
      className={classes.form}
      aria-label={known === undefined ? 'Add secret' : `Replace value of ${known}`}
    >
      <div className={classes.pair}>
        {known === undefined && (
          <TextInput
            ref={first}
            label="Name"
            required
            placeholder="SHOP_TOKEN"
            description="If the name exists, its value is replaced."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={64}
            spellCheck={false}
            autoComplete="off"
            classNames={{ input: classes.mono }}
            value={name}
            error={errors.name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-field="name"
          />
        )}
        <PasswordInput
          {...(known === undefined ? {} : { ref: first })}
          label={known === undefined ? 'Value' : 'New value'}
          required
          description="New runs use it immediately."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show what you typed' }}
          value={value}
          error={errors.value}
          onChange={(event) => setValue(event.currentTarget.value)}
          data-field="value"
        />
      </div>
      {save.isError && !isMarked && <Problem error={save.error} />}
      {isMarked && rest.length > 0 && <Notice tone="bad" title={rest.join('\n')} />}
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending}>
          Save secret
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
