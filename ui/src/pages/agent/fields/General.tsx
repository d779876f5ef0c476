import { TextInput } from '@mantine/core'
import { FormSection } from '../../../components/FormSection.tsx'
import { ModelPicker } from '../model/ModelPicker.tsx'
import { textField, type FieldsProps } from './props.ts'

/** The name, the description and the model. */
export function General(props: FieldsProps) {
  return (
    <FormSection title="General" about="Name, description and model.">
      <TextInput label="Name" required maxLength={200} {...textField(props, 'name')} />
      <TextInput
        label="Description"
        placeholder="What this agent is for"
        {...textField(props, 'description')}
      />
      <ModelPicker {...props} />
    </FormSection>
  )
}
