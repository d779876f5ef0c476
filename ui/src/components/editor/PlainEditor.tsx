import type { Ref } from 'react'
import classes from './Editor.module.css'

/** The text area that stands in for an editor. */
export function PlainEditor({
  ref,
  attributes,
  minRows,
  placeholder,
  value,
  onChange,
}: {
  ref: Ref<HTMLTextAreaElement>
  attributes: Record<string, string>
  minRows: number
  placeholder?: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <textarea
      {...attributes}
      ref={ref}
      className={classes.plain}
      rows={minRows}
      placeholder={placeholder}
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
