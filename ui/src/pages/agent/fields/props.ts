import type { AgentField, AgentForm, FormErrors } from '../agentForm.ts'

/** What each section of an agent's form is given. */
export type FieldsProps = {
  form: AgentForm
  errors: FormErrors
  onChange: (change: Partial<AgentForm>) => void
}

/** The props of an input for one field: its text, its error, and how it is found by its name. */
export function textField({ form, errors, onChange }: FieldsProps, field: AgentField) {
  return {
    value: form[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ [field]: event.currentTarget.value }),
    'data-field': field,
  }
}

/** The same for an editor, which gives the text itself. */
export function editorField({ form, errors, onChange }: FieldsProps, field: AgentField) {
  return {
    value: form[field],
    error: errors[field],
    onChange: (text: string) => onChange({ [field]: text }),
    field,
  }
}
