import type { Agent } from '../../api/types.ts'
import { parseJson, prettyJson } from '../../lib/json.ts'

/** An agent as a person edits it: numbers and JSON as the text that stands in the fields. */
export type AgentForm = {
  name: string
  description: string
  model: string
  instructions: string
  message: string
  tools: string
  output_schema: string
  max_steps: string
  timeout_seconds: string
  max_concurrent_runs: string
  max_attempts: string
  max_total_tokens: string
  max_cost_usd: string
  max_cost_usd_per_day: string
  write_calls: string
}

export type AgentField = keyof AgentForm

/** The server's names of the fields, where they are not the same. */
const POINTERS: Record<AgentField, string> = {
  name: 'name',
  description: 'description',
  model: 'model',
  instructions: 'instructions',
  message: 'message',
  tools: 'tools',
  output_schema: 'output_schema',
  max_steps: 'limits/max_steps',
  timeout_seconds: 'limits/timeout_seconds',
  max_concurrent_runs: 'limits/max_concurrent_runs',
  max_attempts: 'retry/max_attempts',
  max_total_tokens: 'limits/max_total_tokens',
  max_cost_usd: 'limits/max_cost_usd',
  max_cost_usd_per_day: 'budget/max_cost_usd_per_day',
  write_calls: 'approvals/write_calls',
}

/** What the fields are called on the page. */
export const LABELS: Record<AgentField, string> = {
  name: 'Name',
  description: 'Description',
  model: 'Model',
  instructions: 'Instructions',
  message: 'Message',
  tools: 'Tools',
  output_schema: 'Output schema',
  max_steps: 'Max steps',
  timeout_seconds: 'Timeout (seconds)',
  max_concurrent_runs: 'Max concurrent runs',
  max_attempts: 'Max attempts',
  max_total_tokens: 'Max tokens per run',
  max_cost_usd: 'Max cost per run (USD)',
  max_cost_usd_per_day: 'Daily budget (USD)',
  write_calls: 'Write tools',
}

export const pointers = Object.values(POINTERS)

export function fieldOf(pointer: string): AgentField | undefined {
  for (const [field, its] of Object.entries(POINTERS)) if (its === pointer && isField(field)) return field
  return undefined
}

function isField(name: string): name is AgentField {
  return name in POINTERS
}

export const NEW_AGENT: AgentForm = {
  name: '',
  description: '',
  model: '',
  instructions: '',
  message: '',
  tools: '[]',
  output_schema: '',
  max_steps: '20',
  timeout_seconds: '600',
  max_concurrent_runs: '',
  max_attempts: '3',
  max_total_tokens: '',
  max_cost_usd: '',
  max_cost_usd_per_day: '',
  write_calls: 'never',
}

export function toForm(agent: Agent): AgentForm {
  return {
    name: agent.name,
    description: agent.description ?? '',
    model: agent.model,
    instructions: agent.instructions,
    message: agent.message ?? '',
    tools: prettyJson(agent.tools.map(withoutImport)),
    output_schema: agent.output_schema === undefined ? '' : prettyJson(agent.output_schema),
    max_steps: String(agent.limits.max_steps),
    timeout_seconds: String(agent.limits.timeout_seconds),
    max_concurrent_runs: String(agent.limits.max_concurrent_runs ?? ''),
    max_attempts: String(agent.retry.max_attempts),
    max_total_tokens: String(agent.limits.max_total_tokens ?? ''),
    max_cost_usd: String(agent.limits.max_cost_usd ?? ''),
    max_cost_usd_per_day: String(agent.budget?.max_cost_usd_per_day ?? ''),
    write_calls: agent.approvals.write_calls,
  }
}

/** A tool as people write it: what was imported is the server's own. */
function withoutImport(tool: Agent['tools'][number]): unknown {
  if (!('imported' in tool)) return tool
  const { imported: _imported, ...written } = tool
  return written
}

/** Whether a person has changed anything. */
export function isChanged(before: AgentForm, after: AgentForm): boolean {
  return Object.keys(before).some((field) => isField(field) && before[field] !== after[field])
}

export type FormErrors = Partial<Record<AgentField, string>>

/**
 * Makes what is sent of a form. Only what the server could not even read is found wrong here; all else it
 * judges itself, and says better.
 *
 * @param before the agent as it is, of which the fields that the form does not show are kept; none for a new one
 */
export function fromForm(
  form: AgentForm,
  before?: Agent,
): { body: Record<string, unknown> } | { errors: FormErrors } {
  const errors: FormErrors = {}
  const empty = before ? null : undefined
  const {
    max_concurrent_runs: _runs,
    max_total_tokens: _tokens,
    max_cost_usd: _cost,
    ...limits
  } = before?.limits ?? {}
  const { max_cost_usd_per_day: _day, ...budget } = before?.budget ?? {}

  function json(field: 'tools' | 'output_schema'): unknown {
    const parsed = parseJson(form[field])
    if (parsed.ok) return parsed.value
    errors[field] = parsed.error
    return undefined
  }

  function number(field: AgentField): number | undefined {
    const text = form[field].trim()
    const value = Number(text)
    if (text !== '' && Number.isFinite(value)) return value
    errors[field] = 'Enter a number.'
    return undefined
  }

  /** A limit that may be absent. */
  function limit(
    field: 'max_concurrent_runs' | 'max_total_tokens' | 'max_cost_usd' | 'max_cost_usd_per_day',
  ) {
    return form[field].trim() === '' ? {} : { [field]: number(field) }
  }

  const ofTheDay = { ...budget, ...limit('max_cost_usd_per_day') }
  const body = {
    name: form.name,
    description: form.description.trim() === '' ? empty : form.description,
    model: form.model.trim(),
    instructions: form.instructions,
    message: form.message.trim() === '' ? empty : form.message,
    tools: form.tools.trim() === '' ? [] : json('tools'),
    output_schema: form.output_schema.trim() === '' ? empty : json('output_schema'),
    limits: {
      ...limits,
      max_steps: number('max_steps'),
      timeout_seconds: number('timeout_seconds'),
      ...limit('max_concurrent_runs'),
      ...limit('max_total_tokens'),
      ...limit('max_cost_usd'),
    },
    budget: Object.keys(ofTheDay).length === 0 ? empty : ofTheDay,
    approvals: { ...before?.approvals, write_calls: form.write_calls },
    retry: { ...before?.retry, max_attempts: number('max_attempts') },
  }
  return Object.keys(errors).length > 0 ? { errors } : { body }
}
