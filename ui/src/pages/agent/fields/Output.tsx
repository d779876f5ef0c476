import { JsonEditor } from '../../../components/editor/JsonEditor.tsx'
import { FormSection } from '../../../components/FormSection.tsx'
import { OutputExample } from '../draft/OutputExample.tsx'
import { SchemaFromExample } from '../draft/SchemaFromExample.tsx'
import { editorField, type FieldsProps } from './props.ts'

/** The schema of the structured data in the answer. */
export function Output(props: FieldsProps) {
  return (
    <FormSection
      title="Answer"
      about="Leave empty for plain text. With a JSON Schema, the answer also includes matching structured data."
    >
      <JsonEditor
        label="Output schema"
        placeholder={'{ "type": "object", "properties": { … } }'}
        minRows={3}
        maxRows={28}
        {...editorField(props, 'output_schema')}
      />
      <SchemaFromExample
        replaces={props.form.output_schema.trim() !== ''}
        onSchema={(schema) => props.onChange({ output_schema: schema })}
      />
      <OutputExample schema={props.form.output_schema} />
    </FormSection>
  )
}
