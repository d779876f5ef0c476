import { expect, it, vi } from 'vitest'
import { AgentConfig } from '../contract/agent.ts'
import { createAgentCompiler } from './compileAgent.ts'

function agent(revision: number, more: object = {}) {
  return {
    id: 'a',
    revision,
    config: AgentConfig.parse({ name: 'n', instructions: 'i', model: 'demo/assistant', ...more }),
  }
}

it('compiles a revision once', () => {
  const buildTools = vi.fn(() => [])
  const compile = createAgentCompiler(buildTools)
  expect(compile(agent(1))).toBe(compile(agent(1)))
  compile(agent(2))
  expect(buildTools).toHaveBeenCalledTimes(2)
})

it('does not take a draft for the revision of the same number', async () => {
  const compile = createAgentCompiler(() => [])
  expect(await compile(agent(1)).instructions.render({})).toBe('i')
  expect(await compile(agent(1, { instructions: 'draft' })).instructions.render({})).toBe('draft')
  expect(await compile(agent(1)).instructions.render({})).toBe('i')
})

it('forgets what was not used for long', () => {
  const buildTools = vi.fn(() => [])
  const compile = createAgentCompiler(buildTools)
  const first = compile(agent(0))
  for (let revision = 1; revision <= 600; revision++) {
    compile(agent(revision))
    if (revision % 100 === 0) expect(compile(agent(0))).toBe(first)
  }
  expect(buildTools).toHaveBeenCalledTimes(601)
  compile(agent(1))
  expect(buildTools).toHaveBeenCalledTimes(602)
})

it.each([
  [{ instructions: '{{ x' }, 'template_failed', 'instructions'],
  [{ message: '{% nope %}' }, 'template_failed', 'message'],
  [{ output_schema: { type: 1 } }, 'agent_invalid', 'output_schema'],
])('says what cannot be used: %o', (more, code, part) => {
  const compile = createAgentCompiler(() => [])
  expect(() => compile(agent(1, more))).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(part) }),
  )
})
