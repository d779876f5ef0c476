import { describe, expect, it } from 'vitest'
import { AgentConfig, Approvals, Budget, Limits, Retry } from '../../../../src/contract/agent.ts'
import { changedFields, copyOf, fromForm, NEW_AGENT, pointers, toForm } from './agentForm.ts'
import { numberSettings } from './agentSettings.ts'
import { TOOL_TEMPLATES } from './toolTemplates.ts'

const FILLED = { ...NEW_AGENT, name: 'Bell', instructions: 'Ring.', model: 'demo/assistant' }

const TIMES = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' }

const GROUPS = { limits: Limits, budget: Budget, retry: Retry, approvals: Approvals }

/** Everything that an agent can have, by its pointer. */
const EVERYTHING = Object.keys(AgentConfig.shape).flatMap((name) =>
  name in GROUPS
    ? Object.keys(GROUPS[name as keyof typeof GROUPS].shape).map((member) => `${name}/${member}`)
    : [name],
)

const PLAIN = AgentConfig.parse({ name: 'Bell', instructions: 'Ring.', model: 'demo/assistant' })

/** An agent with one value at a place that no field shows. */
function withValue(pointer: string, value: unknown) {
  const [first = '', second] = pointer.split('/')
  const group = second === undefined ? value : { ...PLAIN[first as 'limits'], [second]: value }
  return { id: 'x', revision: 1, ...PLAIN, ...TIMES, [first]: group }
}

function valueAt(body: unknown, pointer: string): unknown {
  return pointer.split('/').reduce<unknown>((value, name) => Object(value)[name], body)
}

function bodyOf(read: ReturnType<typeof fromForm>): Record<string, unknown> {
  if ('errors' in read) throw new Error(JSON.stringify(read.errors))
  return read.body
}

describe('the form of an agent', () => {
  it('makes what the API takes', () => {
    expect(AgentConfig.parse(bodyOf(fromForm(FILLED)))).toEqual(PLAIN)
  })

  it('comes back as it was', () => {
    const config = AgentConfig.parse({
      name: 'Bell',
      description: 'Rings',
      title: 'Bell {{ payload.id }}',
      instructions: 'Ring.',
      message: '{{ payload }}',
      model: 'demo/assistant',
      tools: TOOL_TEMPLATES.map(({ tool }) => tool),
      output_schema: { type: 'object' },
      limits: {
        max_steps: 3,
        timeout_seconds: 1.5,
        max_concurrent_runs: 2,
        max_pending_tasks: 9,
        max_total_tokens: 1_000,
        max_conversation_tokens: 300,
        max_cost_usd: 0.5,
        max_output_bytes: 2_048,
        step_timeout_seconds: 20,
        tool_timeout_seconds: 10,
      },
      budget: { max_cost_usd_per_day: 5, max_tokens_per_day: 1_000 },
      approvals: { write_calls: 'unverified', timeout_seconds: 'never' },
      retry: { max_attempts: 1 },
      unverified_senders: 'read_only',
      keep_days: 7,
    })
    for (const pointer of EVERYTHING) expect(valueAt(config, pointer), pointer).toBeDefined()
    const agent = { id: 'x', revision: 1, ...config, ...TIMES }
    expect(bodyOf(fromForm(toForm(agent), agent))).toEqual(config)
    expect(AgentConfig.parse(copyOf(agent, bodyOf(fromForm(toForm(agent), agent))))).toEqual(config)
    expect(changedFields(toForm(agent), toForm({ ...agent, keep_days: 8 }))).toEqual(['keep_days'])
  })

  it('shows or keeps everything that an agent can have', () => {
    expect(pointers.filter((pointer) => !EVERYTHING.includes(pointer))).toEqual([])
    for (const pointer of [...EVERYTHING, 'limits/from_a_later_version', 'from_a_later_version']) {
      if (pointers.includes(pointer)) continue
      const agent = withValue(pointer, 'kept')
      const body = bodyOf(fromForm(toForm(agent), agent))
      // A change keeps the fields that it does not mention; a copy has only what is sent.
      const [first = '', second] = pointer.split('/')
      if (second !== undefined || first in body) expect(valueAt(body, pointer), pointer).toBe('kept')
      expect(valueAt(copyOf(agent, body), pointer), pointer).toBe('kept')
    }
  })

  it('knows the values that apply while a field is empty', () => {
    for (const { field, pointer, standard } of numberSettings) {
      if (pointer === 'limits/max_conversation_tokens') continue
      expect([field, valueAt(PLAIN, pointer)]).toEqual([field, standard])
    }
    expect(Limits.shape.max_conversation_tokens.description).toContain('8000 when absent')
  })

  it('sets back what is emptied', () => {
    const agent = {
      id: 'x',
      revision: 1,
      ...PLAIN,
      ...TIMES,
      description: 'Rings',
      keep_days: 7,
      limits: { ...PLAIN.limits, max_steps: 3, max_concurrent_runs: 2 },
      budget: { max_cost_usd_per_day: 5, max_tokens_per_day: 1_000 },
      approvals: { write_calls: 'always' as const, timeout_seconds: 60 },
    }
    const emptied = fromForm(
      {
        ...toForm(agent),
        description: '',
        keep_days: '',
        max_steps: ' ',
        max_concurrent_runs: '',
        max_cost_usd_per_day: '',
        approval_timeout: '',
      },
      agent,
    )
    const body = bodyOf(emptied)
    expect(body).toMatchObject({
      description: null,
      keep_days: null,
      budget: { max_tokens_per_day: 1_000 },
      approvals: { write_calls: 'always', timeout_seconds: 86_400 },
    })
    expect(body['budget']).not.toHaveProperty('max_cost_usd_per_day')
    expect(body['limits']).toEqual({})
    const free = { ...agent, budget: { max_cost_usd_per_day: 5 } }
    expect(bodyOf(fromForm({ ...toForm(free), max_cost_usd_per_day: '' }, free))['budget']).toBeNull()
  })

  it('finds only wrong what could not be sent', () => {
    const read = fromForm({
      ...FILLED,
      name: '',
      tools: '[',
      max_steps: 'many',
      timeout_seconds: '',
      keep_days: 'never',
      approval_timeout: 'never',
    })
    expect('errors' in read && Object.keys(read.errors).toSorted()).toEqual([
      'keep_days',
      'max_steps',
      'tools',
    ])
  })
})
