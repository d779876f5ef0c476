import { NativeSelect, Switch } from '@mantine/core'
import { FormSection } from '../../../components/FormSection.tsx'
import { NumberInput } from './NumberInput.tsx'
import { textField, type FieldsProps } from './props.ts'

/** Which calls wait for a person, for how long, and what senders may cause that nobody has verified. */
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
      <NumberInput {...props} field="approval_timeout" />
      <Switch
        label="Only read tools for unverified senders"
        description="A run whose sender was not verified by a signature or a key does not get write tools at all."
        checked={props.form.unverified_senders === 'read_only'}
        error={props.errors.unverified_senders}
        onChange={(event) =>
          props.onChange({ unverified_senders: event.currentTarget.checked ? 'read_only' : 'all_tools' })
        }
        data-field="unverified_senders"
      />
    </FormSection>
  )
}
