import { Autocomplete } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { providersQuery } from '../../../api/queries.ts'
import type { FieldsProps } from './props.ts'
import classes from './fields.module.css'

/** Names that are good to begin with; any other that the provider knows can be typed. */
const WELL_KNOWN: Record<string, string[]> = {
  demo: ['demo/assistant'],
  openai: ['openai/gpt-5-mini', 'openai/gpt-5'],
  anthropic: ['anthropic/claude-sonnet-4-5', 'anthropic/claude-haiku-4-5'],
  google: ['google/gemini-2.5-flash', 'google/gemini-2.5-pro'],
}

/** The model, as provider/model: chosen from a list, or typed. */
export function ModelField({ form, errors, onChange }: FieldsProps) {
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
      error={errors.model}
      onChange={(model) => onChange({ model })}
      spellCheck={false}
      classNames={{ input: classes.mono }}
      // The focus may come to show what is wrong: a list would cover it.
      openOnFocus={false}
      data-field="model"
    />
  )
}
