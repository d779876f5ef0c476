import { Textarea } from '@mantine/core'
import { FormSection } from '../../../components/FormSection.tsx'
import { textField, type FieldsProps } from './props.ts'

/** What the agent should do, and how a request is presented to it. */
export function Instructions(props: FieldsProps) {
  return (
    <FormSection
      title="Behaviour"
      about={
        <>
          What it should do, and how. Liquid templates can use <code>payload</code>, <code>request</code>,{' '}
          <code>agent</code> and <code>now</code>.
        </>
      }
    >
      <Textarea
        label="Instructions"
        withAsterisk
        autosize
        minRows={6}
        maxRows={24}
        {...textField(props, 'instructions')}
      />
      <Textarea
        label="Message"
        description={
          <>
            How a request is presented to the model. If empty, a lone <code>question</code> is passed through
            as is; anything else as JSON, marked as external data.
          </>
        }
        placeholder="A new issue was opened: {{ payload.issue.title }}"
        autosize
        minRows={2}
        maxRows={16}
        {...textField(props, 'message')}
      />
    </FormSection>
  )
}
