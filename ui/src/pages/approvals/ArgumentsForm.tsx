import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useMemo, useState, type SyntheticEvent } from 'react'
import { CodeArea } from '../../components/CodeArea.tsx'
import type { Approval } from '../../api/types.ts'
import { parseJson, prettyJson } from '../../lib/json.ts'
import { fieldsOf, typedOf, valueOf, type SchemaField, type Typed } from './schemaFields.ts'
import classes from './Decision.module.css'

/** Edits the arguments of a call, or answers a question: in a form made from the schema, or as JSON. */
export function ArgumentsForm({
  approval,
  errors,
  busy,
  submit,
  onSubmit,
  onBack,
}: {
  approval: Pick<Approval, 'parameters' | 'arguments' | 'question'>
  /** The server's errors, by member of the value; those that belong to none are under ''. */
  errors: Record<string, string>
  busy: boolean
  /** The label of the button. */
  submit: string
  onSubmit: (value: unknown) => void
  /** Without it, there is nothing to go back to. */
  onBack?: () => void
}) {
  const fields = useMemo(
    () => fieldsOf(approval.parameters, approval.arguments),
    [approval.parameters, approval.arguments],
  )
  const [asJson, setAsJson] = useState(fields === undefined)
  const [typed, setTyped] = useState<Typed>(() => typedOf(fields ?? [], approval.arguments))
  const [text, setText] = useState(() => prettyJson(approval.arguments ?? {}))
  const read = fields && !asJson ? valueOf(fields, typed) : undefined
  const parsed = parseJson(text)
  const faults = Object.fromEntries(
    read && !read.ok ? read.faults.map(({ name, fault }) => [name, fault]) : [],
  )
  const value = read ? (read.ok ? read.value : undefined) : parsed.ok ? parsed.value : undefined
  const isReady = value !== undefined

  /** What was entered in one form is carried over to the other. */
  function change(): void {
    if (!fields) return
    if (asJson && parsed.ok) setTyped(typedOf(fields, parsed.value))
    else if (isReady) setText(prettyJson(value))
    setAsJson(!asJson)
  }

  function send(event: SyntheticEvent): void {
    event.preventDefault()
    // A dialog within another form is not a part of it.
    event.stopPropagation()
    if (isReady) onSubmit(value)
  }

  return (
    <form onSubmit={send} className={classes.form}>
      {fields && !asJson ? (
        <div className={classes.fields}>
          {fields.map((field, index) => (
            <Field
              key={field.name}
              field={field}
              focus={index === 0}
              text={typed[field.name]}
              error={faults[field.name] ?? errors[field.name]}
              onChange={(next) => setTyped({ ...typed, [field.name]: next })}
            />
          ))}
        </div>
      ) : (
        <CodeArea
          label={approval.question === null ? 'Arguments' : 'Answer'}
          minRows={3}
          maxRows={20}
          autoFocus
          value={text}
          error={parsed.ok ? Object.values(errors).join('\n') || undefined : parsed.error}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {fields && !asJson && errors[''] !== undefined && <p className={classes.bad}>{errors['']}</p>}
      <div className={classes.choices}>
        <Button type="submit" loading={busy} disabled={!isReady}>
          {submit}
        </Button>
        {onBack && (
          <Button variant="default" onClick={onBack}>
            Back
          </Button>
        )}
        {fields && (
          <Button variant="subtle" disabled={!isReady} onClick={change}>
            {asJson ? 'Edit in a form' : 'Edit as JSON'}
          </Button>
        )}
      </div>
    </form>
  )
}

function Field({
  field: { name, title, description, required, kind, choices },
  text,
  error,
  focus,
  onChange,
}: {
  field: SchemaField
  text: string | undefined
  error: string | undefined
  focus: boolean
  onChange: (text: string | undefined) => void
}) {
  const common = {
    label: title,
    description,
    error,
    autoFocus: focus,
    'data-field': name,
    // The label is the accessible name; the asterisk is only visual.
    withAsterisk: required,
  }
  if (kind === 'boolean' || kind === 'choice') {
    const values = kind === 'boolean' ? ['true', 'false'] : choices
    const known = text === undefined || values.includes(text) ? values : [...values, text]
    return (
      <NativeSelect
        {...common}
        data={[
          ...(required && text !== undefined ? [] : [{ value: '', label: 'Not set' }]),
          ...known.map((value) => ({ value, label: labelOf(value) })),
        ]}
        value={text ?? ''}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    )
  }
  if (kind === 'number') {
    // Not an input of type number, which would round long numbers.
    return (
      <TextInput
        {...common}
        inputMode="decimal"
        value={text ?? ''}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    )
  }
  return (
    <Textarea
      {...common}
      autosize
      minRows={kind === 'json' ? 2 : 1}
      maxRows={12}
      {...(kind === 'json' ? { spellCheck: false, classNames: { input: classes.code ?? '' } } : {})}
      value={text ?? ''}
      onChange={(event) =>
        onChange(event.currentTarget.value || (required && kind === 'text' ? '' : undefined))
      }
    />
  )
}

function labelOf(json: string): string {
  if (json === 'true') return 'Yes'
  if (json === 'false') return 'No'
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : json
}
