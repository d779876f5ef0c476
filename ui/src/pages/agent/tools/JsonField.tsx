import { useState, type ReactNode } from 'react'
import { CodeArea } from '../../../components/CodeArea.tsx'
import { parseJson, prettyJson } from '../../../lib/json.ts'
import { Draft } from './toolList.ts'

/** A member of a tool as JSON. Text that is not JSON yet is kept as a draft; without text there is no member. */
export function JsonField({
  label,
  description,
  placeholder,
  value,
  error,
  onChange,
}: {
  label: string
  description?: ReactNode
  placeholder?: string
  value: unknown
  error?: string | undefined
  onChange: (value: unknown) => void
}) {
  // What was typed stays as it was typed, as long as it is the value that is shown.
  const [typed, setTyped] = useState<{ text: string; value: unknown }>()
  const text = typed && typed.value === value ? typed.text : textOf(value)
  const parsed = text.trim() === '' ? undefined : parseJson(text)
  const fault = parsed && !parsed.ok ? parsed.error : undefined

  function type(next: string): void {
    const read = next.trim() === '' ? undefined : parseJson(next)
    const made = read === undefined ? undefined : read.ok ? read.value : new Draft(next)
    setTyped({ text: next, value: made })
    onChange(made)
  }

  return (
    <CodeArea
      label={label}
      description={description}
      placeholder={placeholder ?? ''}
      minRows={2}
      maxRows={20}
      value={text}
      error={fault ?? error}
      onChange={(event) => type(event.currentTarget.value)}
    />
  )
}

function textOf(value: unknown): string {
  if (value === undefined) return ''
  return value instanceof Draft ? value.text : prettyJson(value)
}
