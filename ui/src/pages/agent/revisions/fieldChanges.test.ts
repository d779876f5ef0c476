import { expect, it } from 'vitest'
import { AgentConfig } from '../../../../../src/contract/agent.ts'
import { fieldChanges, summaryOf } from './fieldChanges.ts'

const PLAIN = { name: 'Bell', instructions: 'Ring.', model: 'demo/assistant' }

it('names the fields in which two revisions differ', () => {
  const before = AgentConfig.parse({ ...PLAIN, limits: { max_steps: 3 } })
  const after = AgentConfig.parse({
    ...PLAIN,
    instructions: 'Ring twice.',
    budget: { max_tokens_per_day: 1_000 },
  })
  expect(fieldChanges(before, before)).toEqual([])
  expect(fieldChanges(before, after)).toEqual([
    { pointer: 'instructions', label: 'Instructions', before: 'Ring.', after: 'Ring twice.' },
    { pointer: 'limits/max_steps', label: 'Max steps', before: 3, after: 20 },
    { pointer: 'budget/max_tokens_per_day', label: 'Daily tokens', before: undefined, after: 1_000 },
  ])
})

it('says in one line what a revision has changed', () => {
  expect(summaryOf(null)).toBe('Created')
  expect(summaryOf([])).toBe('Imported tools refreshed')
  expect(summaryOf(['/instructions', '/limits/max_steps', '/budget', '/later'])).toBe(
    'Instructions, Max steps, Budget, later',
  )
  expect(summaryOf(['/name', '/model', '/tools', '/message', '/description', '/title'])).toBe(
    'Name, Model, Tools, Message and 2 more',
  )
})
