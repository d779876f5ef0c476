import type { Agent } from '../../api/types.ts'
import { parseJson, prettyJson } from '../../lib/json.ts'
import { NUMBERS, numberSettings, type NumberField, type NumberSetting } from './agentSettings.ts'

type TextField =
  | 'name'
  | 'description'
  | 'title'
  | 'model'
  | 'instructions'
  | 'message'
  | 'tools'
  | 'output_schema'
  | 'write_calls'
  | 'unverified_senders'

export type AgentField = TextField | NumberField

/** An agent as a person edits it: numbers and JSON as the text that stands in the fields. */
export type AgentForm = Record<AgentField, string>

/** What the other fields are called by the server, and on the page. */
const TEXTS: Record<TextField, { pointer: string; label: string }> = {
  name: { pointer: 'name', label: 'Name' },
  description: { pointer: 'description', label: 'Description' },
  title: { pointer: 'title', label: 'Task title' },
  model: { pointer: 'model', label: 'Model' },
  instructions: { pointer: 'instructions', label: 'Instructions' },
  message: { pointer: 'message', label: 'Message' },
  tools: { pointer: 'tools', label: 'Tools' },
  output_schema: { pointer: 'output_schema', label: 'Output schema' },
  write_calls: { pointer: 'approvals/write_calls', label: 'Write tools' },
  unverified_senders: { pointer: 'unverified_senders', label: 'Unverified senders' },
}

const FIELDS: Record<AgentField, { pointer: string; label: string }> = { ...TEXTS, ...NUMBERS }

/** What a field is called on the page. */
export function labelOf(field: AgentField): string {
  return FIELDS[field].label
}

export const pointers = Object.values(FIELDS).map(({ pointer }) => pointer)

export function fieldOf(pointer: string): AgentField | undefined {
  for (const [field, its] of Object.entries(FIELDS))
    if (its.pointer === pointer && isField(field)) return field
  return undefined
}

export function isField(name: string): name is AgentField {
  return name in FIELDS
}

/** Objects of settings in an agent. */
const GROUPS = ['limits', 'budget', 'retry', 'approvals'] as const

export const NEW_AGENT: AgentForm = {
  name: '',
  description: '',
  title: '',
  model: '',
  instructions: '',
  message: '',
  tools: '[]',
  output_schema: '',
  write_calls: 'never',
  unverified_senders: 'all_tools',
  ...numbersOf(() => undefined),
}

export function toForm(agent: Agent): AgentForm {
  return {
    name: agent.name,
    description: agent.description ?? '',
    title: agent.title ?? '',
    model: agent.model,
    instructions: agent.instructions,
    message: agent.message ?? '',
    tools: prettyJson(agent.tools.map(withoutImport)),
    output_schema: agent.output_schema === undefined ? '' : prettyJson(agent.output_schema),
    write_calls: agent.approvals.write_calls,
    unverified_senders: agent.unverified_senders,
    ...numbersOf(({ pointer }) => pointer.split('/').reduce(member, agent)),
  }
}

/** @param read the value of a setting, if it has one */
function numbersOf(read: (setting: NumberSetting) => unknown): Record<NumberField, string> {
  const fields = numberSettings.map((setting) => {
    const value = read(setting)
    const isShown = (typeof value === 'number' || typeof value === 'string') && value !== setting.standard
    return [setting.field, isShown ? String(value) : ''] as const
  })
  return Object.fromEntries(fields) as Record<NumberField, string>
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

/** The fields that a person has changed. */
export function changedFields(before: AgentForm, after: AgentForm): AgentField[] {
  return Object.keys(before).filter(
    (field) => isField(field) && before[field] !== after[field],
  ) as AgentField[]
}

/** A tool as people write it: what was imported is the server's own. */
function withoutImport(tool: Agent['tools'][number]): unknown {
  if (!('imported' in tool)) return tool
  const { imported: _imported, ...written } = tool
  return written
}

export function isChanged(before: AgentForm, after: AgentForm): boolean {
  return changedFields(before, after).length > 0
}

export type FormErrors = Partial<Record<AgentField, string>>

/**
 * Makes what is sent of a form. Only what the server could not even read is found wrong here; all else it
 * judges itself, and says better.
 *
 * @param before the agent as it is, of which the settings that the form does not show are kept; none for a new one
 */
export function fromForm(
  form: AgentForm,
  before?: Agent,
): { body: Record<string, unknown> } | { errors: FormErrors } {
  const errors: FormErrors = {}
  const empty = before ? null : undefined

  function json(field: 'tools' | 'output_schema'): unknown {
    const parsed = parseJson(form[field])
    if (parsed.ok) return parsed.value
    errors[field] = parsed.error
    return undefined
  }

  function number({ field, never }: NumberSetting & { field: NumberField }): number | string | undefined {
    const text = form[field].trim()
    if (text === '') return undefined
    if (never !== undefined && text === 'never') return text
    const value = Number(text)
    if (!Number.isFinite(value)) errors[field] = 'Enter a number.'
    return value
  }

  const groups = Object.fromEntries(GROUPS.map((name) => [name, unknownMembers(before, name)]))
  const settings: Record<string, unknown> = {}
  for (const setting of numberSettings) {
    const [first = '', second] = setting.pointer.split('/')
    const value = number(setting)
    if (second === undefined) settings[first] = value ?? empty
    // A change to approvals keeps what it does not mention.
    else if (value !== undefined || first === 'approvals')
      groups[first] = { ...groups[first], [second]: value ?? setting.standard }
  }

  const body = {
    name: form.name,
    description: form.description.trim() === '' ? empty : form.description,
    title: form.title.trim() === '' ? empty : form.title,
    model: form.model.trim(),
    instructions: form.instructions,
    message: form.message.trim() === '' ? empty : form.message,
    tools: form.tools.trim() === '' ? [] : json('tools'),
    output_schema: form.output_schema.trim() === '' ? empty : json('output_schema'),
    ...settings,
    ...groups,
    budget: Object.keys(groups['budget'] ?? {}).length === 0 ? empty : groups['budget'],
    approvals: { ...groups['approvals'], write_calls: form.write_calls },
    unverified_senders: form.unverified_senders,
  }
  return Object.keys(errors).length > 0 ? { errors } : { body }
}

/** The members of a group that no field shows. */
function unknownMembers(agent: Agent | undefined, group: (typeof GROUPS)[number]): Record<string, unknown> {
  const members = Object.entries(agent?.[group] ?? {})
  return Object.fromEntries(members.filter(([name]) => fieldOf(`${group}/${name}`) === undefined))
}

/**
 * What a new agent is made of, for a copy of another one: the form, and what the form does not show of the original.
 *
 * @param body what the form has made
 */
export function copyOf(
  { id: _id, revision: _revision, created_at: _made, updated_at: _saved, ...config }: Agent,
  body: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...config, ...body }).filter(([, value]) => value !== null))
}
