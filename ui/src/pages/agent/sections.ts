import type { ComponentType } from 'react'
import { labelOf, type AgentField, type FormErrors } from './agentForm.ts'
import { Approvals } from './fields/Approvals.tsx'
import { Budget, BUDGET_FIELDS } from './fields/Budget.tsx'
import { General } from './fields/General.tsx'
import { Instructions } from './fields/Instructions.tsx'
import { LIMIT_FIELDS, Limits } from './fields/Limits.tsx'
import { Output } from './fields/Output.tsx'
import type { FieldsProps } from './fields/props.ts'
import { Retention } from './fields/Retention.tsx'
import { Tools } from './fields/Tools.tsx'

/** A part of the form: where it is, what it is called, and the fields in it. */
export type Section = {
  id: string
  title: string
  fields: readonly AgentField[]
  Fields: ComponentType<FieldsProps>
}

/** All of them, in the order in which one thinks of them. */
export const SECTIONS: readonly Section[] = [
  { id: 'general', title: 'General', fields: ['name', 'description', 'model', 'title'], Fields: General },
  { id: 'behaviour', title: 'Behaviour', fields: ['instructions', 'message'], Fields: Instructions },
  { id: 'tools', title: 'Tools', fields: ['tools'], Fields: Tools },
  { id: 'answer', title: 'Answer', fields: ['output_schema'], Fields: Output },
  { id: 'limits', title: 'Limits', fields: LIMIT_FIELDS, Fields: Limits },
  { id: 'budget', title: 'Budget', fields: BUDGET_FIELDS, Fields: Budget },
  {
    id: 'approval',
    title: 'Approval',
    fields: ['write_calls', 'approval_timeout', 'unverified_senders'],
    Fields: Approvals,
  },
  { id: 'retention', title: 'Retention', fields: ['keep_days'], Fields: Retention },
]

/** The fields with errors, in the order of the page. */
export function wrongFields(errors: FormErrors): { field: AgentField; label: string }[] {
  return SECTIONS.flatMap(({ fields }) => fields)
    .filter((field) => errors[field] !== undefined)
    .map((field) => ({ field, label: labelOf(field) }))
}
