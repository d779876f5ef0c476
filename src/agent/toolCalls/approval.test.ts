import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../../test/harness/memoryJournal.ts'
import { callTools, say } from '../../../test/harness/modelServer.ts'
import type { RunInput } from '../runInput.ts'
import type { ApprovalRequest, Decision } from '../../contract/decision.ts'
import { RunPause } from '../runPause.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})

beforeEach(() => {
  bench.model.reset()
  bench.tools.reset()
  bench.tools.handle(({ path, body }) => ({ body: { path, body } }))
})

afterAll(() => bench.stop())

const parameters = {
  type: 'object',
  properties: { n: { type: 'integer' } },
  required: ['n'],
  additionalProperties: false,
}

function tools(more: { read?: object; write?: object } = {}) {
  const tool = { type: 'http', description: '', parameters }
  return [
    { ...tool, name: 'read', access: 'read', url: `${bench.tools.url}/read/{{ n }}`, ...more.read },
    {
      ...tool,
      name: 'write',
      access: 'write',
      method: 'POST',
      url: `${bench.tools.url}/write`,
      ...more.write,
    },
  ]
}

const always = { write: { approval: 'always' } }

/** First a read beside a write, then the end. */
function converse(write: unknown = { n: 2 }): void {
  bench.model.handle(({ body }) =>
    body.messages.some(({ role }) => role === 'tool')
      ? say('All done.')
      : callTools([
          { id: 'r', name: 'read', arguments: { n: 1 } },
          { id: 'w', name: 'write', arguments: write },
        ]),
  )
}

function paths(): string[] {
  return bench.tools.requests.map(({ path }) => path)
}

/** What the model was told last about the write. */
function toldOfWrite(): string {
  const messages = bench.model.requests.at(-1)?.body.messages ?? []
  return String(messages.find(({ tool_call_id: id }) => id === 'w')?.content)
}

type Config = Parameters<AgentBench['run']>[0]

/** The requests that a run pauses with; throws when it ends in any other way. */
async function pause(config: Config, input: Partial<RunInput> = {}): Promise<ApprovalRequest[]> {
  const outcome = await bench.run(config, input).catch((error: unknown) => error)
  if (outcome instanceof RunPause) return outcome.requests
  throw new Error('the run did not pause', { cause: outcome })
}

/** Runs into the pause, and on from there with one decision about everything. */
async function decide(decision: Decision, config: Config = { tools: tools(always) }) {
  converse()
  const store = new Map<string, string>()
  const requests = await pause(config, { journal: createMemoryJournal({ store }) })
  const decisions = new Map(requests.map(({ key }) => [key, decision]))
  const journal = createMemoryJournal({ store })
  const input = { journal, decisions: (key: string) => decisions.get(key) }
  const { result } = await bench.run(config, input)
  const again = await bench.run(config, { ...input, journal: createMemoryJournal({ store }) })
  return { result, again: again.result, journal }
}

describe('a call that needs approval', () => {
  it('pauses the run when its siblings are done, and is not made', async () => {
    converse()
    const requests = await pause({ tools: tools(always) })
    expect(requests).toEqual([
      {
        key: expect.stringMatching(/^tool\/0\/write\//),
        tool: 'write',
        access: 'write',
        step: 0,
        arguments: { n: 2 },
        parameters,
      },
    ])
    expect(paths()).toEqual(['/read/1'])
    expect(bench.model.requests).toHaveLength(1)
  })

  it('has the same key on every replay, and asks the model nothing twice', async () => {
    converse()
    const store = new Map<string, string>()
    const first = await pause({ tools: tools(always) }, { journal: createMemoryJournal({ store }) })
    const second = await pause({ tools: tools(always) }, { journal: createMemoryJournal({ store }) })
    expect(second).toEqual(first)
    expect(bench.model.requests).toHaveLength(1)
    expect(paths()).toEqual(['/read/1'])
  })

  it('is made once it is approved, and the run goes on', async () => {
    const { result, again } = await decide({ state: 'approved' })
    expect(paths()).toEqual(['/read/1', '/write'])
    expect(result.answer).toBe('All done.')
    expect(result.tool_calls[1]).toMatchObject({
      name: 'write',
      arguments: { n: 2 },
      result: { status: 200 },
    })
    expect(again).toEqual(result)
    expect(bench.model.requests).toHaveLength(2)
  })

  it('is made with the arguments of the person, and the model is told', async () => {
    const { result, again, journal } = await decide({ state: 'approved', editedArguments: { n: 7 } })
    expect(bench.tools.requests.at(-1)?.body).toBe('{"n":7}')
    expect(paths()).toEqual(['/read/1', '/write'])
    expect(result.tool_calls[1]).toMatchObject({
      arguments: { n: 2 },
      result: {
        note: expect.stringContaining('changed its arguments'),
        arguments: { n: 7 },
        result: { status: 200 },
      },
    })
    expect(toldOfWrite()).toContain('"arguments":{"n":7}')
    expect(again).toEqual(result)
    const row = journal.rows().find(({ name }) => name === 'write')
    expect(row?.input).toMatchObject({ arguments: { n: 2 }, edited_arguments: { n: 7 } })
  })

  it('that fails with the arguments of the person says so to the model', async () => {
    bench.tools.handle(({ path }) => (path === '/write' ? { status: 500, body: 'no' } : { body: 'ok' }))
    const { result } = await decide({ state: 'approved', editedArguments: { n: 7 } })
    expect(result.tool_calls[1]?.error).toBe(
      'A person approved this call, but changed its arguments to {"n":7}. HTTP 500 Internal Server Error: no',
    )
  })

  it('is not made when it is denied; the model is told why, in the words of the person', async () => {
    const { result, again, journal } = await decide({ state: 'denied', reason: 'Not on a Friday.' })
    expect(paths()).toEqual(['/read/1'])
    const told = 'A person denied this call, so it was not made. Reason: Not on a Friday.'
    expect(result.tool_calls[1]?.error).toBe(told)
    expect(toldOfWrite()).toBe(told)
    expect(again).toEqual(result)
    expect(journal.rows().find(({ name }) => name === 'write')).toMatchObject({
      state: 'failed',
      output: { denied: true },
    })
  })

  it('is not made when nobody decided in time', async () => {
    const { result } = await decide({ state: 'expired' })
    expect(paths()).toEqual(['/read/1'])
    expect(result.tool_calls[1]?.error).toMatch(/^Nobody approved this call in time/)
  })

  it('waits for nobody when its arguments are wrong: the model is told at once', async () => {
    converse({ n: 'two' })
    const { result } = await bench.run({ tools: tools(always) })
    expect(result.tool_calls[1]?.error).toMatch(/do not match the parameters/)
    expect(paths()).toEqual(['/read/1'])
  })

  it('is not asked for in the last step, which nothing could follow', async () => {
    converse()
    const failure = await bench.failure({ tools: tools(always), limits: { max_steps: 1 } })
    expect(failure.code).toBe('step_limit')
    expect(paths()).toEqual(['/read/1'])
  })

  it('can be one of many: all are asked for at once', async () => {
    bench.model.script(
      callTools([
        { id: 'same', name: 'write', arguments: { n: 1 } },
        { id: 'same', name: 'write', arguments: { n: 1 } },
        { id: 'other', name: 'write', arguments: { n: 1 } },
      ]),
    )
    const requests = await pause({ tools: tools(always) })
    expect(new Set(requests.map(({ key }) => key)).size).toBe(3)
  })
})

describe('the rules of approval', () => {
  const isAsked = async (config: Config, senderTrusted: boolean): Promise<boolean> => {
    converse()
    const task = { id: '0d4bd5a8-52d2-4b1f-8b93-1d5b2c2f1a11', createdAt: new Date(0), senderTrusted }
    const outcome = await bench.run(config, { task }).catch((error: unknown) => error)
    return outcome instanceof RunPause
  }

  it.each<[object, object, boolean, boolean]>([
    // the tool, the agent's rule, asked for a verified sender, asked for an unverified one
    [{}, {}, false, false],
    [{ approval: 'never' }, { write_calls: 'always' }, false, false],
    [{ approval: 'always' }, {}, true, true],
    [{ approval: 'unverified' }, {}, false, true],
    [{}, { write_calls: 'always' }, true, true],
    [{}, { write_calls: 'unverified' }, false, true],
    [{ approval: 'always' }, { write_calls: 'never' }, true, true],
  ])('a write tool %o of an agent with %o', async (write, approvals, verified, unverified) => {
    const config = { tools: tools({ write }), approvals }
    expect([await isAsked(config, true), await isAsked(config, false)]).toEqual([verified, unverified])
  })

  it('read tools wait only when they say so themselves', async () => {
    const reading = { write: { approval: 'never' } }
    expect(await isAsked({ tools: tools(reading), approvals: { write_calls: 'always' } }, false)).toBe(false)
    expect(await isAsked({ tools: tools({ ...reading, read: { approval: 'always' } }) }, true)).toBe(true)
  })
})

describe('an agent that gives unverified senders read tools only', () => {
  const run = async (senderTrusted: boolean) => {
    converse()
    const task = { id: '0d4bd5a8-52d2-4b1f-8b93-1d5b2c2f1a11', createdAt: new Date(0), senderTrusted }
    const { result } = await bench.run({ tools: tools(), unverified_senders: 'read_only' }, { task })
    return result.tool_calls[1]
  }

  it('does not show them the others, nor make a call of one', async () => {
    expect((await run(false))?.error).toMatch(/write/)
    const offered = bench.model.requests.map(({ body }) => body.tools?.map((tool) => tool.function.name))
    expect(offered).toEqual([['read'], ['read']])
    expect(paths()).toEqual(['/read/1'])
  })

  it('gives verified ones all', async () => {
    expect((await run(true))?.error).toBeUndefined()
    expect(paths().toSorted()).toEqual(['/read/1', '/write'])
  })
})
