import type { Group, WebhookErrors, WebhookField, WebhookForm } from './webhookForm.ts'

/** What each part of the form gets. */
export type FormProps = {
  form: WebhookForm
  errors: WebhookErrors
  onChange: (change: Partial<WebhookForm>) => void
}

type TextField = {
  [Field in keyof WebhookForm]: string extends WebhookForm[Field] ? Field : never
}[keyof WebhookForm]

type Changed = { currentTarget: { value: string } }

/** Binds an input of text to a field of the form. @param at where the API reports its errors, if not by its name */
export function textProps({ form, errors, onChange }: FormProps, field: TextField, at: WebhookField) {
  return {
    value: form[field],
    error: errors[at],
    onChange: (event: Changed) => onChange({ [field]: event.currentTarget.value }),
    'data-field': at,
  }
}

type SwitchField = {
  [Field in keyof WebhookForm]: WebhookForm[Field] extends boolean ? Field : never
}[keyof WebhookForm]

export function switchProps({ form, onChange }: FormProps, field: SwitchField) {
  return { checked: form[field], onChange: () => onChange({ [field]: !form[field] }), 'data-field': field }
}

type TextIn<Of extends Group> = {
  [Field in keyof WebhookForm[Of]]: string extends WebhookForm[Of][Field] ? Field : never
}[keyof WebhookForm[Of]] &
  string

/** Binds an input of text to a field of a group. */
export function groupProps<Of extends Group>(
  { form, errors, onChange }: FormProps,
  group: Of,
  field: TextIn<Of>,
) {
  const at = `${group}/${field}`
  const value = form[group][field]
  return {
    value: typeof value === 'string' ? value : '',
    error: errors[at as WebhookField],
    onChange: (event: Changed) =>
      onChange({ [group]: { ...form[group], [field]: event.currentTarget.value } }),
    'data-field': at,
  }
}

/** Whether a field of a group, or the group itself, has an error. */
export function isFaulty({ errors }: FormProps, ...groups: Group[]): boolean {
  return Object.keys(errors).some((at) => groups.some((group) => at === group || at.startsWith(`${group}/`)))
}
