import type { WebhookErrors, WebhookField, WebhookForm } from './webhookForm.ts'

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
  return { checked: form[field], onChange: () => onChange({ [field]: !form[field] }) }
}
