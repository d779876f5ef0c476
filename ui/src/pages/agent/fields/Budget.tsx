import { FormSection } from '../../../components/FormSection.tsx'
import type { NumberField } from '../agentSettings.ts'
import { Numbers } from './Numbers.tsx'
import type { FieldsProps } from './props.ts'

export const BUDGET_FIELDS: readonly NumberField[] = [
  'max_cost_usd',
  'max_cost_usd_per_day',
  'max_tokens_per_day',
]

/** What a run and a day may cost. */
export function Budget(props: FieldsProps) {
  return (
    <FormSection
      title="Budget"
      about="A run over its limit is stopped. Once a daily limit is reached, new runs wait for the next day (UTC)."
    >
      <Numbers {...props} fields={BUDGET_FIELDS} />
    </FormSection>
  )
}
