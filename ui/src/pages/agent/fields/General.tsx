import { TextInput } from '@mantine/core'
import { Editor } from '../../../components/editor/Editor.tsx'
import { FormSection } from '../../../components/FormSection.tsx'
import { useSample } from '../draft/sampleContext.ts'
import { ModelPicker } from '../model/ModelPicker.tsx'
import { editorField, textField, type FieldsProps } from './props.ts'

/** The name, the description, the model, and what tasks are called. */
export function General(props: FieldsProps) {
  const completion = useSample()?.completion
  return (
    <FormSection title="General" about="Name, description and model.">
      <TextInput label="Name" required maxLength={200} {...textField(props, 'name')} />
      <TextInput
        label="Description"
        placeholder="What this agent is for"
        {...textField(props, 'description')}
      />
      <ModelPicker {...props} />
      <Editor
        label="Task title"
        language="liquid"
        description={
          <>
            What tasks are called in lists and notices: a Liquid template such as{' '}
            <code>{'#{{ payload.issue.number }} {{ payload.issue.title }}'}</code>
          </>
        }
        placeholder="The first words of the payload"
        minRows={1}
        maxRows={3}
        sample={completion}
        {...editorField(props, 'title')}
      />
    </FormSection>
  )
}
