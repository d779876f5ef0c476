import { NativeSelect, Switch, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { CodeArea } from '../../components/CodeArea.tsx'
import { FormSection } from '../../components/FormSection.tsx'
import { switchProps, textProps, type FormProps } from './fieldProps.ts'
import type { WebhookForm } from './webhookForm.ts'
import classes from './Fields.module.css'

/** What is accepted, what counts as the same request, how much of it, and whether it runs. */
export function RequestFields({ agentId, ...props }: FormProps & { agentId: string }) {
  return (
    <>
      <FormSection title="Requests" about="Which requests are accepted, and how many.">
        <NativeSelect
          label="Methods"
          data={[
            { value: 'GET,POST', label: 'POST and GET' },
            { value: 'POST', label: 'POST only' },
            { value: 'GET', label: 'GET only' },
          ]}
          {...textProps(props, 'methods', 'methods')}
        />
        <Switch
          label="Start when opened in a browser"
          description="Otherwise a page asks first. Link previews in chats would also start the agent."
          {...switchProps(props, 'allow_navigation')}
        />
        <CodeArea
          label="Payload schema"
          description="A JSON Schema. Payloads that do not match are rejected with 422."
          placeholder={'{ "type": "object", "required": ["order"] }'}
          minRows={2}
          maxRows={24}
          {...textProps(props, 'payload_schema', 'payload_schema')}
        />
        <div className={classes.numbers}>
          <TextInput
            label="Rate limit (requests)"
            inputMode="numeric"
            placeholder="No limit"
            {...textProps(props, 'requests', 'rate_limit/requests')}
          />
          <TextInput
            label="Per (seconds)"
            inputMode="numeric"
            placeholder="60"
            {...textProps(props, 'per_seconds', 'rate_limit/per_seconds')}
          />
        </div>
        <p className={classes.hint}>
          How many tasks may wait is a limit of the agent:{' '}
          <Link to="/agents/$agentId/configure" params={{ agentId }}>
            Configure
          </Link>
          .
        </p>
        <Switch
          label="Hold tasks"
          description="Requests are accepted, and their tasks wait until you release or discard them."
          {...switchProps(props, 'hold')}
        />
      </FormSection>
      <FormSection
        title="Repeats and batches"
        about="A repeated request gets the original task. A batch becomes several tasks."
      >
        <Dedupe {...props} />
        <Split {...props} />
      </FormSection>
    </>
  )
}

const DEDUPE: { value: WebhookForm['dedupe']; label: string }[] = [
  { value: 'default', label: 'The sender’s own event ID' },
  { value: 'header', label: 'A header' },
  { value: 'json', label: 'A field of the payload' },
  { value: 'body', label: 'The whole body' },
  { value: 'none', label: 'Nothing: every request starts a task' },
]

function Dedupe(props: FormProps) {
  const { form, errors, onChange } = props
  const at = { header: 'Header name', json: 'JSON pointer' }
  const needsPlace = form.dedupe === 'header' || form.dedupe === 'json'
  return (
    <div className={classes.numbers}>
      <NativeSelect
        label="Requests are the same by"
        description="An Idempotency-Key always counts."
        data={DEDUPE}
        value={form.dedupe}
        error={needsPlace ? undefined : errors['dedupe/from']}
        {...(needsPlace ? {} : { 'data-field': 'dedupe/from' })}
        onChange={({ currentTarget: { value } }) =>
          onChange({ dedupe: DEDUPE.find((each) => each.value === value)?.value ?? 'default' })
        }
      />
      {needsPlace && (
        <TextInput
          label={at[form.dedupe === 'header' ? 'header' : 'json']}
          description={form.dedupe === 'header' ? 'For example X-Event-Id' : 'For example /event/id'}
          spellCheck={false}
          {...textProps(props, 'dedupeAt', 'dedupe/from')}
        />
      )}
      {form.dedupe !== 'default' && form.dedupe !== 'none' && (
        <TextInput
          label="Remembered for (seconds)"
          description="Seven days by default"
          placeholder="604800"
          inputMode="numeric"
          {...textProps(props, 'ttl_seconds', 'dedupe/ttl_seconds')}
        />
      )}
      <NativeSelect
        label="Same key, other payload"
        description="Both are listed under Rejections."
        data={[
          { value: 'original', label: 'Answer with the original task' },
          { value: 'reject', label: 'Reject with 422' },
        ]}
        {...textProps(props, 'on_mismatch', 'on_mismatch')}
      />
    </div>
  )
}

const SPLIT: { value: WebhookForm['split']; label: string }[] = [
  { value: 'default', label: 'As the source does' },
  { value: 'never', label: 'Never: one task for each request' },
  { value: 'list', label: 'One task for each element of the payload' },
  { value: 'inside', label: 'One task for each element of a list in the payload' },
]

function Split(props: FormProps) {
  const { form, errors, onChange } = props
  return (
    <div className={classes.numbers}>
      <NativeSelect
        label="Batches"
        data={SPLIT}
        value={form.split}
        error={form.split === 'inside' ? undefined : errors.split}
        {...(form.split === 'inside' ? {} : { 'data-field': 'split' })}
        onChange={({ currentTarget: { value } }) =>
          onChange({ split: SPLIT.find((each) => each.value === value)?.value ?? 'default' })
        }
      />
      {form.split === 'inside' && (
        <TextInput
          label="JSON pointer to the list"
          placeholder="/items"
          spellCheck={false}
          {...textProps(props, 'splitAt', 'split')}
        />
      )}
    </div>
  )
}
