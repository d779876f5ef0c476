import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { pricesQuery } from '../../api/settingsQueries.ts'
import type { ModelPrice } from '../../api/types.ts'
import { FormProblem } from '../../components/FormProblem.tsx'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import classes from './Settings.module.css'

const FIELDS = ['model', 'input', 'cached_input', 'output'] as const

type Field = (typeof FIELDS)[number]

/** Sets the price of a model, in US dollars per million tokens. */
export function PriceForm({ onDone }: { onDone: () => void }) {
  const client = useQueryClient()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const [form, setForm] = useState({ model: '', input: '', cached_input: '', output: '' })
  const save = useMutation({
    mutationFn: (price: ModelPrice) =>
      call('PUT', `api/prices/${encodeURIComponent(form.model.trim())}`, { body: price }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: pricesQuery.queryKey })
      onDone()
    },
  })
  const { errors, isMarked, rest, setOwn } = useFormErrors<Field>(save.error, FIELDS)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const own: Partial<Record<Field, string>> = form.model.trim() === '' ? { model: 'Enter a model.' } : {}
    for (const field of ['input', 'cached_input', 'output'] as const) {
      const text = form[field].trim()
      const isOptional = field === 'cached_input'
      if (text === '' ? !isOptional : !/^\d+(\.\d+)?$/.test(text)) own[field] = 'Enter a number, such as 2.5.'
    }
    setOwn(own)
    if (Object.keys(own).length > 0) return
    save.mutate({
      input: Number(form.input),
      output: Number(form.output),
      ...(form.cached_input.trim() === '' ? {} : { cached_input: Number(form.cached_input) }),
    })
  }
  const text = (field: Field) => ({
    value: form[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      setForm({ ...form, [field]: event.currentTarget.value }),
    'data-field': field,
  })

  return (
    <form onSubmit={submit} noValidate className={classes.form} aria-label="Set price">
      <div className={classes.pair}>
        <TextInput
          ref={first}
          label="Model"
          required
          placeholder="provider/model"
          spellCheck={false}
          classNames={{ input: classes.mono }}
          {...text('model')}
        />
        <TextInput label="Input (USD)" required inputMode="decimal" {...text('input')} />
        <TextInput
          label="Cached input (USD)"
          inputMode="decimal"
          placeholder="Same as input"
          {...text('cached_input')}
        />
        <TextInput label="Output (USD)" required inputMode="decimal" {...text('output')} />
      </div>
      <FormProblem error={save.error} isMarked={isMarked} rest={rest} />
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending}>
          Save price
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
