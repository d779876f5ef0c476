import { TextInput } from '@mantine/core'
import { FormSection } from '../../../components/FormSection.tsx'
import { textField, type FieldsProps } from './props.ts'
import classes from './fields.module.css'

/** When a run is stopped, what it may cost, and how often it is retried. */
export function Limits(props: FieldsProps) {
  return (
    <FormSection title="Limits" about="When a run is stopped, and how often a failed run is retried.">
      <div className={classes.numbers}>
        <TextInput label="Max steps" inputMode="numeric" {...textField(props, 'max_steps')} />
        <TextInput label="Timeout (seconds)" inputMode="decimal" {...textField(props, 'timeout_seconds')} />
        <TextInput
          label="Max concurrent runs"
          inputMode="numeric"
          placeholder="No limit"
          {...textField(props, 'max_concurrent_runs')}
        />
        <TextInput label="Max attempts" inputMode="numeric" {...textField(props, 'max_attempts')} />
        <TextInput
          label="Max tokens per run"
          inputMode="numeric"
          placeholder="No limit"
          {...textField(props, 'max_total_tokens')}
        />
        <TextInput
          label="Max cost per run (USD)"
          inputMode="decimal"
          placeholder="No limit"
          {...textField(props, 'max_cost_usd')}
        />
        <TextInput
          label="Daily budget (USD)"
          inputMode="decimal"
          placeholder="No limit"
          {...textField(props, 'max_cost_usd_per_day')}
        />
      </div>
    </FormSection>
  )
}
