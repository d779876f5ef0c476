import type { Field } from './source.ts'

/** The secret that a sender shares with its receiver. */
export function secretField(label: string, hint: string, extra: Partial<Field> = {}): Field {
  return { name: 'secrets', label, hint, required: true, ...extra }
}
