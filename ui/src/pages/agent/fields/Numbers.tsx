import type { NumberField } from '../agentSettings.ts'
import { NumberInput } from './NumberInput.tsx'
import type { FieldsProps } from './props.ts'
import classes from './fields.module.css'

/** Several settings that are numbers, beside each other where there is room. */
export function Numbers({ fields, ...props }: FieldsProps & { fields: readonly NumberField[] }) {
  return (
    <div className={classes.numbers}>
      {fields.map((field) => (
        <NumberInput key={field} {...props} field={field} />
      ))}
    </div>
  )
}
