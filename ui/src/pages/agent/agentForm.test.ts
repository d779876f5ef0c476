import { describe, expect, it } from 'vitest'
import { AgentConfig } from '../../../../src/contract/agent.ts'
import { fromForm, NEW_AGENT, toForm } from './agentForm.ts'
import { TOOL_TEMPLATES } from './toolTemplates.ts'

const FILLED = { ...NEW_AGENT, name: 'Bell', instructions: 'Ring.', model: 'demo/assistant' }

const TIMES = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' }

describe('the form of an agent', () => {
  it('makes what the API takes', () => {
    const read = fromForm(FILLED)
    expect('body' in read && AgentConfig.parse(read.body)).toMatchObject({
      name: 'Bell',
      tools: [],
      limits: { max_steps: 20, timeout_seconds: 600 },
    })
  })

  it('comes back as it was, what it does not show included', () => {
    const config = AgentConfig.parse({
      name: 'Bell',
      description: 'Rings',
      instructions: 'Ring.',
      message: '{{ payload }}',
      model: 'demo/assistant',
      tools: TOOL_TEMPLATES.map(({ tool }) => tool),
      output_schema: { type: 'object' },
      limits: { max_steps: 3, timeout_seconds: 1.5, max_concurrent_runs: 2, max_cost_usd: 0.5 },
      budget: { max_cost_usd_per_day: 5, max_tokens_per_day: 1_000 },
      approvals: { write_calls: 'unverified', timeout_seconds: 60 },
      retry: { max_attempts: 1 },
    })
    const agent = { id: 'x', revision: 1, ...config, ...TIMES }
    const read = fromForm(toForm(agent), agent)
    expect(config).toMatchObject('body' in read ? read.body : read)
    expect('body' in read && read.body['limits']).toEqual(config.limits)
    for (const part of ['retry', 'budget', 'approvals'] as const) {
      expect('body' in read && read.body[part]).toEqual(config[part])
    }

    const emptied = fromForm({ ...toForm(agent), description: '', max_concurrent_runs: '' }, agent)
    expect(emptied).toMatchObject({ body: { description: null } })
    expect('body' in emptied && emptied.body['limits']).not.toHaveProperty('max_concurrent_runs')

    const unlimited = fromForm({ ...toForm(agent), max_cost_usd_per_day: '' }, agent)
    expect(unlimited).toMatchObject({ body: { budget: { max_tokens_per_day: 1_000 } } })
    const free = { ...agent, budget: { max_cost_usd_per_day: 5 } }
    expect(fromForm({ ...toForm(free), max_cost_usd_per_day: '' }, free)).toMatchObject({
      body: { budget: null },
    })
  })

  it('finds only wrong what could not be sent', () => {
    const read = fromForm({ ...FILLED, name: '', tools: '[', max_steps: 'many', timeout_seconds: '' })
    expect('errors' in read && Object.keys(read.errors).toSorted()).toEqual([
      'max_steps',
      'timeout_seconds',
      'tools',
    ])
  })
})
