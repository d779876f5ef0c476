import { Button, Checkbox, PasswordInput, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type ClipboardEvent, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { secretsQuery } from '../../api/settingsQueries.ts'
import { FormProblem } from '../../components/FormProblem.tsx'
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
  // A password field drops line breaks: keys and certificates in PEM need a field that keeps them.
  const [hasLines, setHasLines] = useState(false)
  const save = useMutation({
    mutationFn: () => call('PUT', `api/secrets/${encodeURIComponent(name.trim())}`, { body: { value } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: secretsQuery.queryKey })
      onDone()
    },
  })
  const { errors, isMarked, rest, setOwn } = useFormErrors(save.error, FIELDS)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const own = {
      ...(name.trim() === '' ? { name: 'Enter a name.' } : {}),
      ...(value === '' ? { value: 'Enter a value.' } : {}),
    }
    setOwn(own)
    if (Object.keys(own).length === 0) save.mutate()
  }

  /** What is pasted with line breaks goes to the field that keeps them. */
  function keepLines(event: ClipboardEvent<HTMLInputElement>): void {
    const text = event.clipboardData.getData('text')
    if (!text.trim().includes('\n')) return
    event.preventDefault()
    setValue(text)
    setHasLines(true)
  }
  const shared = {
    label: known === undefined ? 'Value' : 'New value',
    required: true,
    description: 'New runs use it immediately.',
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as (
      'label' | 'input' | 'description' | 'error'
    )[],
    value,
    error: errors.value,
    onChange: (event: { currentTarget: { value: string } }) => setValue(event.currentTarget.value),
    'data-field': 'value',
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
        {!hasLines && (
          <PasswordInput
            {...(known === undefined ? {} : { ref: first })}
            {...shared}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show what you typed' }}
            onPaste={keepLines}
          />
        )}
      </div>
      {hasLines && (
        <Textarea
          {...shared}
          autosize
          minRows={6}
          maxRows={20}
          spellCheck={false}
          autoComplete="off"
          autoFocus
          placeholder={'-----BEGIN PRIVATE KEY-----'}
          classNames={{ input: classes.mono }}
        />
      )}
      <Checkbox
        label="Several lines, such as a key or certificate in PEM"
        checked={hasLines}
        onChange={(event) => setHasLines(event.currentTarget.checked)}
      />
      <FormProblem error={save.error} isMarked={isMarked} rest={rest} />
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
