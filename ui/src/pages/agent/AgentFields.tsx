import { Button, Autocomplete, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { providersQuery } from '../../api/queries.ts'
import { FormSection } from '../../components/FormSection.tsx'
import { Icon } from '../../components/Icon.tsx'
import type { AgentField, AgentForm, FormErrors } from './agentForm.ts'
import { TOOL_TEMPLATES, toolLabels, withTool } from './toolTemplates.ts'
import classes from './AgentFields.module.css'

/** Names that are good to begin with; any other that the provider knows can be typed. */
const WELL_KNOWN: Record<string, string[]> = {
  demo: ['demo/assistant'],
  openai: ['openai/gpt-5-mini', 'openai/gpt-5'],
  anthropic: ['anthropic/claude-sonnet-4-5', 'anthropic/claude-haiku-4-5'],
  google: ['google/gemini-2.5-flash', 'google/gemini-2.5-pro'],
}

type Props = {
  form: AgentForm
  errors: FormErrors
  onChange: (change: Partial<AgentForm>) => void
}

/** The fields of an agent, in the order in which one thinks of them. */
export function AgentFields({ form, errors, onChange }: Props) {
  const text = (field: AgentField) => ({
    value: form[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ [field]: event.currentTarget.value }),
    'data-field': field,
  })

  return (
    <>
      <FormSection title="General" about="Name, description and model.">
        <TextInput label="Name" required maxLength={200} {...text('name')} />
        <TextInput label="Description" placeholder="What this agent is for" {...text('description')} />
        <ModelField form={form} error={errors.model} onChange={onChange} />
      </FormSection>

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
          {...text('instructions')}
        />
        <Textarea
          label="Message"
          description={
            <>
              How a request is presented to the model. If empty, a lone <code>question</code> is passed
              through as is; anything else as JSON, marked as external data.
            </>
          }
          placeholder="A new issue was opened: {{ payload.issue.title }}"
          autosize
          minRows={2}
          maxRows={16}
          {...text('message')}
        />
      </FormSection>

      <FormSection
        title="Tools"
        about={
          <>
            Tools the agent can call, as a JSON array. Templates in <code>url</code>, <code>headers</code> and{' '}
            <code>body</code> can use the arguments and <code>secrets</code>.
          </>
        }
      >
        <Tools form={form} onChange={onChange} />
        <Textarea
          label="Tools as JSON"
          classNames={{ input: classes.code }}
          autosize
          minRows={3}
          maxRows={28}
          spellCheck={false}
          {...text('tools')}
        />
        {errors.tools?.includes('there is no secret') === true && (
          <p className={classes.hint}>
            <Link to="/settings" target="_blank">
              Set the secret in Settings
            </Link>{' '}
            (opens a new tab), then save again.
          </p>
        )}
      </FormSection>

      <FormSection
        title="Answer"
        about="Leave empty for plain text. With a JSON Schema, the answer also includes matching structured data."
      >
        <Textarea
          label="Output schema"
          classNames={{ input: classes.code }}
          placeholder={'{ "type": "object", "properties": { … } }'}
          autosize
          minRows={2}
          maxRows={28}
          spellCheck={false}
          {...text('output_schema')}
        />
      </FormSection>

      <FormSection title="Limits" about="When a run is stopped, and how often a failed run is retried.">
        <div className={classes.numbers}>
          <TextInput label="Max steps" inputMode="numeric" {...text('max_steps')} />
          <TextInput label="Timeout (seconds)" inputMode="decimal" {...text('timeout_seconds')} />
          <TextInput
            label="Max concurrent runs"
            inputMode="numeric"
            placeholder="No limit"
            {...text('max_concurrent_runs')}
          />
          <TextInput label="Max attempts" inputMode="numeric" {...text('max_attempts')} />
          <TextInput
            label="Max tokens per run"
            inputMode="numeric"
            placeholder="No limit"
            {...text('max_total_tokens')}
          />
          <TextInput
            label="Max cost per run (USD)"
            inputMode="decimal"
            placeholder="No limit"
            {...text('max_cost_usd')}
          />
          <TextInput
            label="Daily budget (USD)"
            inputMode="decimal"
            placeholder="No limit"
            {...text('max_cost_usd_per_day')}
          />
        </div>
      </FormSection>

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
          {...text('write_calls')}
        />
      </FormSection>
    </>
  )
}

function ModelField({
  form,
  error,
  onChange,
}: Pick<Props, 'form' | 'onChange'> & { error: string | undefined }) {
  const { data: providers = [] } = useQuery(providersQuery)
  const ready = providers.filter(({ configured }) => configured).map(({ name }) => name)
  const missing = providers.filter(({ configured, set }) => !configured && set !== null)

  return (
    <Autocomplete
      label="Model"
      required
      placeholder="provider/model"
      description={
        providers.length === 0
          ? 'Loading configured providers…'
          : `Configured: ${ready.join(', ')}.${
              missing.length === 0
                ? ''
                : ` For ${missing.map(({ name, set }) => `${name} set ${set}`).join(', for ')}, and restart.`
            }`
      }
      data={ready.flatMap((name) => WELL_KNOWN[name] ?? [])}
      // All of them, also when one is chosen: the field is for choosing another.
      filter={({ options }) => options}
      value={form.model}
      error={error}
      onChange={(model) => onChange({ model })}
      spellCheck={false}
      classNames={{ input: classes.mono }}
      // The focus may come to show what is wrong: a list would cover it.
      openOnFocus={false}
      data-field="model"
    />
  )
}

function Tools({ form, onChange }: Pick<Props, 'form' | 'onChange'>) {
  const labels = toolLabels(form.tools)
  const summary =
    labels === undefined
      ? 'The JSON cannot be read yet.'
      : labels.length === 0
        ? 'No tools.'
        : labels.join(', ')
  return (
    <div className={classes.tools}>
      <p>{summary}</p>
      <div className={classes.add}>
        {TOOL_TEMPLATES.map(({ label, tool }) => {
          const next = withTool(form.tools, tool)
          const there = tool.type === 'builtin' && labels?.includes(tool.name) === true
          return (
            <Button
              key={label}
              variant="default"
              size="compact-sm"
              leftSection={<Icon name="plus" size={14} />}
              disabled={next === undefined || there}
              onClick={() => next !== undefined && onChange({ tools: next })}
            >
              {label}
            </Button>
          )
        })}
      </div>
    </div>
  )
}
