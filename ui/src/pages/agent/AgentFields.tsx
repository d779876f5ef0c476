import { Button, Autocomplete, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { providersQuery } from '../../api/queries.ts'
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
      <Section title="The agent" about="What people call it, and which model thinks for it.">
        <TextInput label="Name" required maxLength={200} {...text('name')} />
        <TextInput
          label="Description"
          placeholder="For people: what it is there for"
          {...text('description')}
        />
        <ModelField form={form} error={errors.model} onChange={onChange} />
      </Section>

      <Section
        title="Behaviour"
        about={
          <>
            What it shall do, and how. Liquid templates may use <code>payload</code>, <code>request</code>,{' '}
            <code>agent</code> and <code>now</code>.
          </>
        }
      >
        <Textarea label="Instructions" autosize minRows={6} maxRows={24} {...text('instructions')} />
        <Textarea
          label="Message"
          description={
            <>
              How a request is told to the model. Left empty, a lone <code>question</code> is passed on as it
              is, anything else as JSON, marked as data from outside.
            </>
          }
          placeholder="A new issue was opened: {{ payload.issue.title }}"
          autosize
          minRows={2}
          maxRows={16}
          {...text('message')}
        />
      </Section>

      <Section
        title="Tools"
        about={
          <>
            What it may call: a list in JSON. Templates in <code>url</code>, <code>headers</code> and{' '}
            <code>body</code> may use the arguments and <code>secrets</code>.
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
      </Section>

      <Section
        title="Answer"
        about="Leave it empty for text. With a JSON Schema the answer also comes as data that fits it."
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
      </Section>

      <Section title="Limits" about="Where a run is stopped, and how often a failed one is tried again.">
        <div className={classes.numbers}>
          <TextInput label="Steps at most" inputMode="numeric" {...text('max_steps')} />
          <TextInput label="Seconds at most" inputMode="decimal" {...text('timeout_seconds')} />
          <TextInput
            label="Runs at once"
            inputMode="numeric"
            placeholder="No limit"
            {...text('max_concurrent_runs')}
          />
          <TextInput label="Attempts" inputMode="numeric" {...text('max_attempts')} />
          <TextInput
            label="Tokens at most"
            inputMode="numeric"
            placeholder="No limit"
            {...text('max_total_tokens')}
          />
          <TextInput label="US$ a run" inputMode="decimal" placeholder="No limit" {...text('max_cost_usd')} />
          <TextInput
            label="US$ a day"
            inputMode="decimal"
            placeholder="No limit"
            {...text('max_cost_usd_per_day')}
          />
        </div>
      </Section>

      <Section
        title="Approval"
        about="Whether a person has to agree before a tool changes something. The task waits meanwhile."
      >
        <NativeSelect
          label="Calls of write tools"
          description="A tool with an “approval” of its own goes by that."
          data={[
            { value: 'never', label: 'are made at once' },
            { value: 'unverified', label: 'wait for a person if the sender was not verified' },
            { value: 'always', label: 'wait for a person' },
          ]}
          {...text('write_calls')}
        />
      </Section>
    </>
  )
}

function Section({ title, about, children }: { title: string; about: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <div className={classes.about}>
        <h2>{title}</h2>
        <p>{about}</p>
      </div>
      <div className={classes.fields}>{children}</div>
    </section>
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
          ? 'Looking which providers are configured…'
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
  return (
    <div className={classes.tools}>
      <p>{labels.length === 0 ? 'No tools: it answers from what it was told.' : labels.join(', ')}</p>
      <div className={classes.add}>
        {TOOL_TEMPLATES.map(({ label, tool }) => {
          const next = withTool(form.tools, tool)
          const there = tool.type === 'builtin' && labels.includes(tool.name)
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
