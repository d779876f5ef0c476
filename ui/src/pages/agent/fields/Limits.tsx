import { FormSection } from '../../../components/FormSection.tsx'
import type { NumberField } from '../agentSettings.ts'
import { More } from './More.tsx'
import { Numbers } from './Numbers.tsx'
import type { FieldsProps } from './props.ts'

const USUAL: NumberField[] = [
  'max_steps',
  'timeout_seconds',
  'max_attempts',
  'max_concurrent_runs',
  'max_total_tokens',
]
const RARE: NumberField[] = [
  'max_pending_tasks',
  'step_timeout_seconds',
  'tool_timeout_seconds',
  'max_output_bytes',
  'max_conversation_tokens',
]

export const LIMIT_FIELDS: readonly NumberField[] = [...USUAL, ...RARE]

/** When a run is stopped, and how often it is retried. */
export function Limits(props: FieldsProps) {
  return (
    <FormSection title="Limits" about="When a run is stopped, and how often a failed run is retried.">
      <Numbers {...props} fields={USUAL} />
      <More {...props} fields={RARE}>
        <Numbers {...props} fields={RARE} />
      </More>
    </FormSection>
  )
}
