import { Textarea } from '@mantine/core'
import { FormSection } from '../../../components/FormSection.tsx'
import { textField, type FieldsProps } from './props.ts'
import classes from './fields.module.css'

/** The schema of the structured data in the answer. */
export function Output(props: FieldsProps) {
  return (
    <FormSection
      title="Answer"
      about="Leave empty for plain text. With a JSON Schema, the answer also includes matching structured data."
    >
      <Textarea
        label="Output schema"
        classNames={{ input: classes.code }}
        placeholder={'{ "type": "object", "properties": { … } }'}
        autosize
        minRows={2}
        maxRows={28}
        spellCheck={false}
        {...textField(props, 'output_schema')}
      />
    </FormSection>
  )
}
