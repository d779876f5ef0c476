import { NativeSelect, Switch, TextInput } from '@mantine/core'
import { CodeArea } from '../../components/CodeArea.tsx'
import { FoldedSection } from '../../components/FoldedSection.tsx'
import { groupProps, isFaulty, type FormProps } from './fieldProps.ts'
import type { RespondForm } from './respondForm.ts'
import classes from './Fields.module.css'

const KINDS: { value: RespondForm['kind']; label: string }[] = [
  { value: 'task', label: 'The task, immediately' },
  { value: 'result', label: 'The result, if it is ready within 60 seconds' },
  { value: 'template', label: 'A custom response' },
]

/** What the sender of a request gets back. */
export function RespondFields(props: FormProps) {
  const { form, errors, onChange } = props
  const { respond } = form
  return (
    <FoldedSection
      title="Response"
      about={
        <>
          What the sender gets. <code>Prefer: wait</code> in a request decides how long that request waits.
        </>
      }
      says={KINDS.find(({ value }) => value === respond.kind)?.label ?? ''}
      isFaulty={isFaulty(props, 'respond')}
    >
      <NativeSelect
        label="Respond with"
        data={KINDS}
        value={respond.kind}
        error={errors.respond}
        onChange={({ currentTarget: { value } }) =>
          onChange({
            respond: { ...respond, kind: KINDS.find((each) => each.value === value)?.value ?? 'task' },
          })
        }
        data-field="respond"
      />
      {respond.kind === 'template' && (
        <>
          <div className={classes.numbers}>
            <TextInput
              label="Wait for the end (seconds)"
              description="0 to 60. Stay below the sender’s timeout."
              inputMode="numeric"
              {...groupProps(props, 'respond', 'wait_seconds')}
            />
            <TextInput
              label="Status"
              description="200 to 299"
              inputMode="numeric"
              {...groupProps(props, 'respond', 'status')}
            />
          </div>
          <CodeArea
            label="Headers"
            description="One per line. Values can be Liquid templates."
            placeholder="Content-Type: text/xml"
            minRows={1}
            maxRows={10}
            {...groupProps(props, 'respond', 'headers')}
          />
          <Switch
            label="Custom body"
            description="Otherwise the body is the usual JSON."
            checked={respond.has_body}
            onChange={() => onChange({ respond: { ...respond, has_body: !respond.has_body } })}
          />
          {respond.has_body && (
            <CodeArea
              label="Body"
              description={
                <>
                  A Liquid template over <code>task_id</code>, <code>links</code>, <code>payload</code>,{' '}
                  <code>status</code> and <code>result</code>. Escape values with <code>json</code> or{' '}
                  <code>xml_escape</code>.
                </>
              }
              placeholder={'{"reply": {{ result.answer | json }}}'}
              minRows={3}
              maxRows={16}
              {...groupProps(props, 'respond', 'body')}
            />
          )}
        </>
      )}
    </FoldedSection>
  )
}
