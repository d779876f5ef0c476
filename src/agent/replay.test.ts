import type { LanguageModelV4, LanguageModelV4Content } from '@ai-sdk/provider'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../test/harness/agentRun.ts'
import { createMemoryJournal, type JournalWrite } from '../../test/harness/memoryJournal.ts'
import { callTools, say, type Reply } from '../../test/harness/modelServer.ts'
import { AgentConfig } from '../contract/agent.ts'
import { createModels } from '../models/models.ts'
import { createCurrentTime } from '../tools/builtin/currentTime.ts'
import { LeaseLostError, type Journal } from './journal.ts'
import { createAgentRunner } from './run.ts'
import type { Piece, RunInput, RunOutcome } from './runInput.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})

beforeEach(() => {
  bench.model.reset()
  bench.tools.reset()
  bench.tools.handle(({ path }) => ({ body: { path } }))
})

afterAll(() => bench.stop())

class Killed extends Error {}

const parameters = { type: 'object', properties: { n: { type: 'integer' } } }

function tools(write: object = {}) {
  const tool = { type: 'http', description: '', parameters }
  return [
    { ...tool, name: 'read', access: 'read', url: `${bench.tools.url}/read/{{ n }}` },
    {
      ...tool,
      name: 'write',
      access: 'write',
      method: 'POST',
      url: `${bench.tools.url}/write/{{ n }}`,
      ...write,
    },
  ]
}

/** Four model calls; in between a read, a write beside a read, and one that fails. The same on every run. */
function converse(): void {
  const turns: Reply[] = [
    callTools([{ name: 'read', arguments: { n: 1 } }], { reasoning: 'First I read.', text: 'Reading.' }),
    callTools([
      { name: 'write', arguments: { n: 2 } },
      { name: 'read', arguments: { n: 3 } },
    ]),
    callTools([{ name: 'write', arguments: { n: 'four' } }]),
    say('All done.'),
  ]
  bench.model.handle(({ body }) => {
    const turn = body.messages.filter(({ role }) => role === 'assistant').length
    return turns[turn] ?? say('too many turns')
  })
}

/** Runs with a journal that dies at the n-th write, before or after it took effect. */
async function runAndDie(store: Map<string, string>, at: number, when: 'before' | 'after', streamed = false) {
  let count = 0
  let dead = false
  const die = (): void => {
    if (dead || count++ === at) {
      dead = true
      throw new Killed()
    }
  }
  const journal = createMemoryJournal({ store, [when]: die })
  const outcome = await bench
    .run({ tools: tools() }, { journal, ...(streamed ? { onPiece: () => {} } : {}) })
    .catch((error: unknown) => error)
  return { outcome, writes: journal.writes.length }
}

function toolCounts(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { path } of bench.tools.requests) counts[path] = (counts[path] ?? 0) + 1
  return counts
}

/** The outcome of an undisturbed run, and how many writes its journal sees. */
async function undisturbed(): Promise<{ outcome: RunOutcome; writes: JournalWrite[] }> {
  const journal = createMemoryJournal()
  const outcome = await bench.run({ tools: tools() }, { journal })
  return { outcome, writes: journal.writes }
}

/** Begins and ends that an undisturbed run writes. */
const WRITES = 9

describe('a run that died', () => {
  const deaths = Array.from({ length: WRITES }, (_, at) => at).flatMap((at) =>
    (['before', 'after'] as const).flatMap((when) => [
      { at, when, streamed: false },
      { at, when, streamed: true },
    ]),
  )

  it('is dying in every place that there is', async () => {
    converse()
    const { writes } = await undisturbed()
    expect(writes).toHaveLength(WRITES)
  })

  it.each(deaths)('$when write $at (streamed: $streamed) repeats nothing that is recorded', async (death) => {
    converse()
    const { outcome: expected } = await undisturbed()
    bench.model.requests.length = 0
    bench.tools.requests.length = 0

    const store = new Map<string, string>()
    const { outcome } = await runAndDie(store, death.at, death.when, death.streamed)
    expect(outcome).toBeInstanceOf(Killed)
    const recorded = createMemoryJournal({ store }).rows()
    const callsBefore = bench.model.requests.length
    const toolsBefore = toolCounts()

    const resumed = createMemoryJournal({ store })
    const second = await bench.run({ tools: tools() }, { journal: resumed })

    const modelRows = recorded.filter(({ kind }) => kind === 'model').length
    expect(bench.model.requests.length - callsBefore).toBe(4 - modelRows)
    expect(callsBefore).toBeLessThanOrEqual(modelRows + 1)
    for (const { kind, state, input } of recorded) {
      if (kind !== 'tool' || state === 'started') continue
      const { n } = Object(input).arguments
      const path = Object.keys(toolsBefore).find((one) => one.endsWith(`/${n}`))
      if (path) expect(toolCounts()[path]).toBe(toolsBefore[path])
    }
    // A write in doubt is not repeated: that one answer differs, and its effect happened at most once.
    expect(toolCounts()['/write/2'] ?? 0).toBeLessThanOrEqual(1)
    const inDoubt = recorded.some(({ kind, state }) => kind === 'tool' && state === 'started')
    if (!inDoubt) expect(second).toEqual(expected)
    else expect(second.result.answer).toBe('All done.')
  })

  it('costs nothing more when it had come to its end', async () => {
    converse()
    const store = new Map<string, string>()
    const first = await bench.run({ tools: tools() }, { journal: createMemoryJournal({ store }) })
    const requests = bench.model.requests.length
    const journal = createMemoryJournal({ store })
    const pieces: Piece[] = []
    const second = await bench.run({ tools: tools() }, { journal, onPiece: (piece) => pieces.push(piece) })
    expect(second).toEqual(first)
    expect(journal.writes).toEqual([])
    expect(bench.model.requests).toHaveLength(requests)
    expect(pieces).toEqual([])
  })
})

describe('a write that is in doubt', () => {
  const once = () =>
    bench.model.handle(({ body }) =>
      body.messages.some(({ role }) => role === 'tool')
        ? say('Done.')
        : callTools([{ name: 'write', arguments: { n: 1 } }]),
    )

  async function dieInWrite(write: object): Promise<Map<string, string>> {
    const store = new Map<string, string>()
    const journal = createMemoryJournal({
      store,
      before: ({ write: kind, step }) => {
        if (kind === 'finish' && step.kind === 'tool') throw new Killed()
      },
    })
    await expect(bench.run({ tools: tools(write) }, { journal })).rejects.toBeInstanceOf(Killed)
    expect(bench.tools.requests).toHaveLength(1)
    return store
  }

  it('is repeated with the same key where the other side takes it only once', async () => {
    once()
    const store = await dieInWrite({ idempotent: true })
    const journal = createMemoryJournal({ store })
    const { result } = await bench.run({ tools: tools({ idempotent: true }) }, { journal })
    expect([...bench.tools.perKey().values()]).toEqual([2])
    expect(result.tool_calls[0]?.error).toBeUndefined()
  })

  it('is reported to the model as unknown elsewhere, and recorded so', async () => {
    once()
    const store = await dieInWrite({})
    const journal = createMemoryJournal({ store })
    const { result } = await bench.run({ tools: tools() }, { journal })
    expect(bench.tools.requests).toHaveLength(1)
    expect(result.tool_calls[0]?.error).toMatch(/Whether it took effect is unknown/)
    expect(journal.rows().find(({ kind }) => kind === 'tool')?.state).toBe('failed')
    const again = await bench.run({ tools: tools() }, { journal: createMemoryJournal({ store }) })
    expect(again.result).toEqual(result)
  })
})

describe('a journal that refuses', () => {
  it.each([
    ['a model call', 'finish', 'model'],
    ['the beginning of a write', 'begin', 'tool'],
    ['the end of a tool call', 'finish', 'tool'],
  ] as const)('%s stops the run at once, with its own error', async (_, write, kind) => {
    converse()
    const error = new LeaseLostError('t')
    const journal = createMemoryJournal({
      before: (one) => {
        if (one.write === write && one.step.kind === kind) throw error
      },
    })
    await expect(bench.run({ tools: tools() }, { journal })).rejects.toBe(error)
    const calls = bench.model.requests.length
    await Promise.resolve()
    expect(bench.model.requests).toHaveLength(calls)
    if (write === 'begin') expect(toolCounts()['/write/2']).toBeUndefined()
  })
})

describe('the journal', () => {
  it('has the answer of the model before any tool runs', async () => {
    converse()
    const journal = createMemoryJournal()
    bench.tools.handle(() => {
      expect(journal.writes.some(({ step }) => step.kind === 'model')).toBe(true)
      return { body: 'seen' }
    })
    const { result } = await bench.run({ tools: tools() }, { journal })
    expect(result.tool_calls[0]?.result).toMatchObject({ body: 'seen' })
  })

  it('shows results that have no row of their own, each once', async () => {
    bench.model.script(
      callTools([{ id: 'a', name: 'unheard_of', arguments: {} }]),
      callTools([{ id: 'b', name: 'unheard_of', arguments: {} }]),
      say('I give up.'),
    )
    const journal = createMemoryJournal()
    await bench.run({}, { journal })
    const shown = (key: string) => Object(journal.row(key)?.input).results
    expect(shown('model/1')).toEqual([{ tool: 'unheard_of', tool_call_id: 'a', result: expect.anything() }])
    expect(shown('model/2')).toEqual([{ tool: 'unheard_of', tool_call_id: 'b', result: expect.anything() }])
  })

  it('shows what went in and what came out, and no key or header', async () => {
    converse()
    const journal = createMemoryJournal()
    await bench.run(
      { tools: tools({ headers: { authorization: 'Bearer {{ secrets.TOKEN }}' } }) },
      { journal },
    )
    expect(journal.rows().map(({ kind, step, state, name }) => [kind, step, state, name])).toEqual([
      ['model', 0, 'done', 'local/test-model'],
      ['tool', 0, 'done', 'read'],
      ['model', 1, 'done', 'local/test-model'],
      ['tool', 1, 'done', 'write'],
      ['tool', 1, 'done', 'read'],
      ['model', 2, 'done', 'local/test-model'],
      ['tool', 2, 'failed', 'write'],
      ['model', 3, 'done', 'local/test-model'],
    ])
    expect(journal.row('model/0')?.input).toMatchObject({
      messages: 2,
      system: 'Be brief.',
      user: 'How are you?',
      tools: ['read', 'write'],
    })
    expect(journal.row('model/1')?.input).toEqual({ messages: 4, fingerprint: expect.any(String) })
    const everything = JSON.stringify(journal.rows())
    expect(everything).not.toMatch(/sk-test|hunter2|authorization|headers/i)
  })
})

describe('an answer of every kind', () => {
  const content: LanguageModelV4Content[] = [
    { type: 'reasoning', text: 'Hm.', providerMetadata: { some: { signature: 'abc' } } },
    { type: 'source', sourceType: 'url', id: '1', url: 'https://example.com/', title: 'Example' },
    {
      type: 'source',
      sourceType: 'document',
      id: '2',
      mediaType: 'text/plain',
      title: 'Notes',
      filename: 'n.txt',
    },
    { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2, 3]) } },
    { type: 'tool-call', toolCallId: 'a', toolName: 'current_time', input: '{}' },
  ]
  const usage = {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: 7, text: 7, reasoning: undefined },
  }

  it('is the same from the journal', async () => {
    const prompts: unknown[] = []
    const model: LanguageModelV4 = {
      specificationVersion: 'v4',
      provider: 'some',
      modelId: 'model',
      supportedUrls: {},
      doGenerate: ({ prompt }) => {
        const isFirst = prompts.push(prompt) === 1
        return Promise.resolve({
          content: isFirst ? content : [{ type: 'text', text: 'Look.' }],
          finishReason: { unified: isFirst ? 'tool-calls' : 'stop', raw: undefined },
          usage,
          warnings: [],
          response: { id: 'r', timestamp: new Date(1), headers: { authorization: 'x' }, body: 'x' },
        })
      },
      doStream: () => Promise.reject(new Error('nobody reads along')),
    }
    const models = { ...createModels({}), resolve: () => Promise.resolve(model) }
    const run = createAgentRunner({ models, buildTools: () => [createCurrentTime(() => new Date(0))] })
    const input = (journal: Journal): RunInput => ({
      task: { id: 't', createdAt: new Date(0), senderTrusted: true },
      agent: {
        id: 'a',
        revision: 1,
        config: AgentConfig.parse({ name: 'n', instructions: '', model: 'demo/assistant' }),
      },
      payload: {},
      request: { method: 'POST', headers: {}, query: {} },
      journal,
      signal: new AbortController().signal,
      deadline: Date.now() + 10_000,
    })

    const store = new Map<string, string>()
    const dying = createMemoryJournal({
      store,
      before: ({ step }) => {
        if (step.key === 'model/1') throw new Killed()
      },
    })
    await expect(run(input(dying))).rejects.toBeInstanceOf(Killed)
    const { result, usage: used } = await run(input(createMemoryJournal({ store })))

    expect(prompts).toHaveLength(3)
    expect(prompts[2]).toEqual(prompts[1])
    expect(result).toEqual({
      answer: 'Look.',
      sources: [
        { type: 'url', url: 'https://example.com/', title: 'Example' },
        { type: 'document', title: 'Notes', media_type: 'text/plain', filename: 'n.txt' },
      ],
      tool_calls: [{ name: 'current_time', arguments: {}, result: { utc: '1970-01-01T00:00:00.000Z' } }],
      thought: 'Hm.',
    })
    expect(used).toMatchObject({ model_calls: 2, input_tokens: 0, output_tokens: 14 })
  })
})
