import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { JsonObject } from '../../../../../src/contract/jsonObject.ts'
import { JsonField } from './JsonField.tsx'
import { TemplateField } from './TemplateField.tsx'
import { faultOf } from './toolFaults.ts'
import { Draft, withMember } from './toolList.ts'
import type { ToolFormProps } from './toolProps.ts'
import classes from './Tools.module.css'

type Member = Pick<ToolFormProps, 'tool' | 'faults' | 'onChange'> & {
  member: string
  label: string
  description?: ReactNode
  placeholder?: string
}

/** The value of a member, and how it is changed. */
function bind({ tool, faults, member, onChange }: Member) {
  return {
    value: tool[member],
    error: faultOf(faults, member),
    onChange: (value: unknown) => onChange(withMember(tool, member, value)),
  }
}

/** A member that is a text. What is not one is shown as JSON, and kept. */
export function TextMember({
  kind = 'text',
  required = false,
  ...props
}: Member & { kind?: 'text' | 'name' | 'long' | 'template' | 'long template'; required?: boolean }) {
  const { label, description, placeholder = '' } = props
  const { value, error, onChange } = bind(props)
  if (value !== undefined && typeof value !== 'string') {
    return <JsonField {...{ label, description, value, error, onChange }} />
  }
  const write = (text: string): void => onChange(text === '' && !required ? undefined : text)
  const common = { label, description, placeholder, error, value: value ?? '' }
  if (kind === 'template' || kind === 'long template') {
    return (
      <TemplateField {...common} required={required} multiline={kind === 'long template'} onChange={write} />
    )
  }
  if (kind === 'long') {
    return (
      <Textarea
        {...common}
        withAsterisk={required}
        autosize
        minRows={2}
        maxRows={12}
        onChange={(event) => write(event.currentTarget.value)}
      />
    )
  }
  return (
    <TextInput
      {...common}
      withAsterisk={required}
      {...(kind === 'name' ? { spellCheck: false, classNames: { input: classes.mono ?? '' } } : {})}
      onChange={(event) => write(event.currentTarget.value)}
    />
  )
}

/** A member that is a number. Text that is none is kept as a draft. */
export function NumberMember(props: Member) {
  const { label, description, placeholder = '' } = props
  const { value, error, onChange } = bind(props)
  const [typed, setTyped] = useState<{ text: string; value: unknown }>()
  const text =
    typed && typed.value === value
      ? typed.text
      : value === undefined
        ? ''
        : value instanceof Draft
          ? value.text
          : (JSON.stringify(value) ?? '')
  const fault = value instanceof Draft ? 'Enter a number.' : error

  function type(next: string): void {
    const trimmed = next.trim()
    const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(trimmed)
    const made = trimmed === '' ? undefined : isNumber ? Number(trimmed) : new Draft(next)
    setTyped({ text: next, value: made })
    onChange(made)
  }
  return (
    <TextInput
      {...{ label, description, placeholder }}
      inputMode="decimal"
      value={text}
      error={fault}
      onChange={(event) => type(event.currentTarget.value)}
    />
  )
}

/** A member with a few known values. One that is not known is shown, and kept. */
export function ChoiceMember({
  choices,
  absent,
  ...props
}: Member & {
  choices: readonly { value: string; label: string }[]
  /** What it is called when the member is not there; without it, the member is always there. */
  absent?: string
}) {
  const { label, description } = props
  const { value, error, onChange } = bind(props)
  const shown = value === undefined ? '' : typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  const isKnown = shown === '' || choices.some((choice) => choice.value === shown)
  return (
    <NativeSelect
      {...{ label, description, error }}
      data={[
        ...(absent === undefined
          ? shown === ''
            ? [{ value: '', label: 'Choose' }]
            : []
          : [{ value: '', label: absent }]),
        ...choices,
        ...(isKnown ? [] : [{ value: shown, label: shown }]),
      ]}
      value={shown}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  )
}

/** Members of a tool that its form does not show: they are kept, and can be edited as JSON. */
export function otherMembers(tool: JsonObject, known: readonly string[]): string[] {
  return Object.keys(tool).filter((name) => !known.includes(name))
}

/** Says which members only the JSON shows. */
export function OtherMembers({ tool, known }: { tool: JsonObject; known: readonly string[] }) {
  const names = otherMembers(tool, known)
  if (names.length === 0) return null
  return (
    <p className={classes.hint}>
      Only in the JSON: <code>{names.join(', ')}</code>
    </p>
  )
}
