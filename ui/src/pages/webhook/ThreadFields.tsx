import { NativeSelect, TextInput } from '@mantine/core'
import { CodeArea } from '../../components/CodeArea.tsx'
import { FoldedSection } from '../../components/FoldedSection.tsx'
import { groupProps, isFaulty, type FormProps } from './fieldProps.ts'
import classes from './Fields.module.css'

/** Requests that belong together: those that continue each other, and bursts that make one task. */
export function ThreadFields(props: FormProps) {
  const { conversation, coalesce } = props.form
  const says = [
    ...(conversation.key.trim() === '' ? [] : [`Conversations by ${conversation.key}`]),
    ...(coalesce.key.trim() === '' ? [] : [`bursts by ${coalesce.key}`]),
  ]
  return (
    <FoldedSection
      title="Conversations and bursts"
      about="Requests with the same key share a conversation, or are combined into one task. A key is an expression (CEL), as in the filter."
      says={says.length === 0 ? 'Each request is handled separately' : says.join(', ')}
      isFaulty={isFaulty(props, 'conversation', 'coalesce')}
    >
      <CodeArea
        label="Conversation key"
        description="Later tasks with the same key see the earlier ones. Leave empty for none."
        placeholder="payload.issue.number"
        minRows={1}
        maxRows={8}
        {...groupProps(props, 'conversation', 'key')}
      />
      {conversation.key.trim() !== '' && (
        <div className={classes.numbers}>
          <NativeSelect
            label="While a task of the conversation is unfinished"
            data={[
              { value: 'queue', label: 'New requests wait until it ends' },
              { value: 'append', label: 'New requests are added to its run' },
              { value: 'restart', label: 'It starts again with all requests so far' },
              { value: 'parallel', label: 'New requests run in parallel' },
            ]}
            {...groupProps(props, 'conversation', 'while_running')}
          />
          <TextInput
            label="Forgotten after (days)"
            inputMode="numeric"
            placeholder="90"
            {...groupProps(props, 'conversation', 'keep_days')}
          />
        </div>
      )}
      <CodeArea
        label="Burst key"
        description="Requests with the same key that arrive shortly after each other make one task. Leave empty for none."
        placeholder="payload.repository.full_name"
        minRows={1}
        maxRows={8}
        {...groupProps(props, 'coalesce', 'key')}
      />
      {coalesce.key.trim() !== '' && (
        <div className={classes.numbers}>
          <TextInput
            label="Wait for others (seconds)"
            description="After the first request of a burst"
            inputMode="decimal"
            placeholder="30"
            required
            {...groupProps(props, 'coalesce', 'window_seconds')}
          />
          <TextInput
            label="Start immediately at (requests)"
            description="Without waiting any longer"
            inputMode="numeric"
            placeholder="100"
            {...groupProps(props, 'coalesce', 'max')}
          />
        </div>
      )}
    </FoldedSection>
  )
}
