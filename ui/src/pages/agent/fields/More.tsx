import { useState, type ReactNode } from 'react'
import type { AgentField } from '../agentForm.ts'
import type { FieldsProps } from './props.ts'
import classes from './More.module.css'

/** Fields that few agents need. They are open while one of them is set, or has an error. */
export function More({
  fields,
  form,
  errors,
  children,
}: Pick<FieldsProps, 'form' | 'errors'> & { fields: readonly AgentField[]; children: ReactNode }) {
  const [isOpen, setOpen] = useState(fields.some((field) => form[field] !== ''))
  const hasErrors = fields.some((field) => errors[field] !== undefined)
  return (
    <details
      className={classes.more}
      open={isOpen || hasErrors}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>More</summary>
      <div className={classes.body}>{children}</div>
    </details>
  )
}
