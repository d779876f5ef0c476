import { FormSection } from '../../../components/FormSection.tsx'
import { Numbers } from './Numbers.tsx'
import type { FieldsProps } from './props.ts'

/** How long tasks are kept. */
export function Retention(props: FieldsProps) {
  return (
    <FormSection title="Retention" about="How long tasks are kept, with their payloads and steps.">
      <Numbers {...props} fields={['keep_days']} />
    </FormSection>
  )
}
