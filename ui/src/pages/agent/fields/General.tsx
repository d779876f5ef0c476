import { TextInput } from '@mantine/core'
import { FormSection } from '../../../components/FormSection.tsx'
import { ModelField } from './ModelField.tsx'
import { textField, type FieldsProps } from './props.ts'
import classes from './fields.module.css'

/** The name, the description, the model, and what tasks are called. */
export function General(props: FieldsProps) {
  return (
    <FormSection title="General" about="Name, description and model.">
      <TextInput label="Name" required maxLength={200} {...textField(props, 'name')} />
      <TextInput
        label="Description"
        placeholder="What this agent is for"
        {...textField(props, 'description')}
      />
      <ModelField {...props} />
      <TextInput
        label="Task title"
        description={
          <>
            What tasks are called in lists: a Liquid template, for example{' '}
            <code>{'Issue {{ payload.issue.number }}: {{ payload.issue.title }}'}</code>
          </>
        }
        placeholder="The first words of the payload"
        spellCheck={false}
        classNames={{ input: classes.mono }}
        {...textField(props, 'title')}
      />
    </FormSection>
  )
}
