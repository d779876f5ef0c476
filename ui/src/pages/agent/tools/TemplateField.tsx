import { Textarea, TextInput } from '@mantine/core'
import { useRef, type ReactNode } from 'react'
import { SecretMenu } from './SecretMenu.tsx'
import classes from './Tools.module.css'

type Props = {
  label: string
  hideLabel?: boolean
  description?: ReactNode
  placeholder?: string
  required?: boolean
  value: string
  error?: ReactNode
  multiline?: boolean
  onChange: (value: string) => void
}

/** A Liquid template that can use secrets: a menu puts their names in at the cursor. */
export function TemplateField({
  label,
  hideLabel,
  description,
  placeholder = '',
  required = false,
  value,
  error,
  multiline = false,
  onChange,
}: Props) {
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null)

  function insert(reference: string): void {
    const at = input.current?.selectionStart ?? value.length
    const end = input.current?.selectionEnd ?? at
    onChange(value.slice(0, at) + reference + value.slice(end))
    const after = at + reference.length
    requestAnimationFrame(() => {
      input.current?.focus()
      input.current?.setSelectionRange(after, after)
    })
  }

  const common = {
    ref: input,
    ...(hideLabel ? { 'aria-label': label } : { label }),
    description,
    placeholder,
    error,
    value,
    withAsterisk: required,
    spellCheck: false,
    classNames: { input: classes.code ?? '' },
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
    rightSection: <SecretMenu into={label} onPick={insert} />,
  }
  return multiline ? <Textarea {...common} autosize minRows={3} maxRows={16} /> : <TextInput {...common} />
}
