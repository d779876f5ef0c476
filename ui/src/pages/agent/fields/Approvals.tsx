import { NativeSelect } from '@mantine/core'
import { FormSection } from '../../../components/FormSection.tsx'
import { textField, type FieldsProps } from './props.ts'

/** Whether calls wait for a person. */
export function Approvals(props: FieldsProps) {
  return (
    <FormSection
      title="Approval"
      about="Whether write tools need approval. The task waits until someone decides."
    >
      <NativeSelect
        label="Write tools"
        description="A tool’s own “approval” setting takes precedence."
        data={[
          { value: 'never', label: 'Run without approval' },
          { value: 'unverified', label: 'Require approval if the sender is not verified' },
          { value: 'always', label: 'Require approval' },
        ]}
        {...textField(props, 'write_calls')}
      />
    </FormSection>
  )
}
