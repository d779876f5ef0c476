import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../../test/harness/agentRun.ts'
import { startMcpServer, type McpTestServer } from '../../../test/harness/mcpServer.ts'
import { createMemoryJournal } from '../../../test/harness/memoryJournal.ts'
import { callTools, say } from '../../../test/harness/modelServer.ts'
import type { ApprovalRequest, Decision } from '../../contract/decision.ts'
import { RunPause } from '../runPause.ts'

let bench: AgentBench
let server: McpTestServer

const SIZE = {
  message: 'Which size?',
  requestedSchema: {
    type: 'object' as const,
    properties: { size: { type: 'string' as const, default: 'M' } },
  },
}

beforeAll(async () => {
  bench = await startAgentBench()
  server = await startMcpServer([
    {
      name: 'order',
      async call({ elicit }) {
        const size = await elicit?.(SIZE)
        return `${String(size?.action)} ${String(size?.content?.['size'])}`
      },
    },
    { name: 'look', call: () => 'a shelf' },
  ])
})

beforeEach(() => {
  bench.model.reset()
  server.calls.length = 0
  bench.model.handle(({ body }) =>
    body.messages.some(({ role }) => role === 'tool')
      ? say('All done.')
      : callTools([
          { id: 'o', name: 'shop_order', arguments: {} },
          { id: 'l', name: 'shop_look', arguments: {} },
        ]),
  )
})

afterAll(() => Promise.all([bench.stop(), server.stop()]))

function config(more: { approval?: object; idempotent?: boolean } = {}) {
  const tool = (name: string, access: 'read' | 'write') => ({
    tool: name,
    name: `shop_${name}`,
    description: '',
    parameters: { type: 'object' },
    access,
    idempotent: more.idempotent ?? access === 'read',
  })
  const imported = {
    imported_at: '2026-05-01T10:00:00Z',
    tools: [tool('order', 'write'), tool('look', 'read')],
  }
  return { tools: [{ type: 'mcp', name: 'shop', url: server.url, imported, approval: more.approval }] }
}

/** One task: attempts over one journal, with what people have decided so far. */
function startTask(agent: object = config()) {
  const store = new Map<string, string>()
  const decisions = new Map<string, Decision>()
  const attempt = (hooks: Parameters<typeof createMemoryJournal>[0] = {}) =>
    bench.run(agent, {
      journal: createMemoryJournal({ store, ...hooks }),
      decisions: (key) => decisions.get(key),
    })
  return {
    decisions,
    attempt,
    async pause(): Promise<ApprovalRequest[]> {
      const outcome = await attempt().catch((error: unknown) => error)
      if (outcome instanceof RunPause) return outcome.requests
      throw new Error('the run did not pause', { cause: outcome })
    },
  }
}

const calls = () => server.calls.map(({ tool }) => tool)

describe('a call that asks a person something', () => {
  it('pauses the run when its siblings are done', async () => {
    const task = startTask()
    expect(await task.pause()).toEqual([
      {
        key: expect.stringMatching(/^tool\/0\/shop_order\/[0-9a-f]+\/question\/0\/0$/),
        tool: 'shop_order',
        access: 'write',
        step: 0,
        question: 'Which size?',
        arguments: { size: 'M' },
        parameters: SIZE.requestedSchema,
      },
    ])
    expect(calls().toSorted()).toEqual(['look', 'order'])
    expect(bench.model.requests).toHaveLength(1)
  })

  it('asks the same again, and the server nothing, when the run is resumed too early', async () => {
    const task = startTask()
    const first = await task.pause()
    expect(await task.pause()).toEqual(first)
    expect(calls()).toHaveLength(2)
  })

  it.each<[Decision, string]>([
    [{ state: 'approved', editedArguments: { size: 'L' } }, 'accept L'],
    [{ state: 'approved' }, 'accept M'],
    [{ state: 'denied', reason: 'None.' }, 'decline undefined'],
    [{ state: 'expired' }, 'cancel undefined'],
  ])('goes on with the decision %o', async (decision, text) => {
    const task = startTask()
    const [question] = await task.pause()
    task.decisions.set(question?.key ?? '', decision)
    const { result } = await task.attempt()
    expect(result.answer).toBe('All done.')
    expect(result.tool_calls[0]?.result).toMatchObject({ text })
    expect((await task.attempt()).result).toEqual(result)
    expect(calls().toSorted()).toEqual(['look', 'order', 'order'])
    expect(bench.model.requests).toHaveLength(2)
  })

  it.each([
    [false, 2],
    [true, 3],
  ])(
    'that is cut off after the answer is in doubt, unless it may be repeated (%s)',
    async (idempotent, made) => {
      const task = startTask(config({ idempotent }))
      const [question] = await task.pause()
      task.decisions.set(question?.key ?? '', { state: 'approved' })
      const gone = new Error('the worker is gone')
      const before: NonNullable<Parameters<typeof createMemoryJournal>[0]>['before'] = ({ write, step }) => {
        if (write === 'finish' && step.name === 'shop_order') throw gone
      }
      await expect(task.attempt({ before })).rejects.toBe(gone)
      const { result } = await task.attempt()
      expect(calls().filter((name) => name === 'order')).toHaveLength(made)
      if (idempotent) expect(result.tool_calls[0]?.result).toEqual({ text: 'accept M' })
      else expect(result.tool_calls[0]?.error).toMatch(/Whether it took effect is unknown/)
    },
  )

  it('may need approval first', async () => {
    const task = startTask(config({ approval: { order: 'always' } }))
    const [approval] = await task.pause()
    expect(approval).toMatchObject({ tool: 'shop_order', arguments: {} })
    expect(approval?.question).toBeUndefined()
    task.decisions.set(approval?.key ?? '', { state: 'approved' })
    const [question] = await task.pause()
    expect(question?.question).toBe('Which size?')
    task.decisions.set(question?.key ?? '', { state: 'approved' })
    expect((await task.attempt()).result.tool_calls[0]?.result).toEqual({ text: 'accept M' })
  })
})
