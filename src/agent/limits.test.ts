import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../test/harness/memoryJournal.ts'
import { callTools, endless, hang, say } from '../../test/harness/modelServer.ts'
import type { ModelPrice } from '../contract/price.ts'
import { createModels } from '../models/models.ts'
import { createCurrentTime } from '../tools/builtin/currentTime.ts'
import type { RunTool } from '../tools/tool.ts'
import { createProcessMemory } from './processMemory.ts'
import { createAgentRunner } from './run.ts'
import type { Piece } from './runInput.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})

beforeEach(() => {
  bench.model.reset()
  bench.tools.reset()
})

afterAll(() => bench.stop())

const price: ModelPrice = { input: 1, output: 10 }
const tools = [{ type: 'builtin', name: 'current_time' }]
const askTime = (usage?: { input: number; output: number }) =>
  callTools([{ name: 'current_time', arguments: {} }], usage ? { usage } : {})

describe('a limit on tokens', () => {
  it('ends a run that has used more, before its tools are called', async () => {
    bench.model.handle(() => askTime({ input: 400, output: 100 }))
    const journal = createMemoryJournal()
    const failure = await bench.failure({ tools, limits: { max_total_tokens: 1_200 } }, { journal })
    expect(failure).toMatchObject({ code: 'token_limit', retryable: false })
    expect(failure.message).toContain('1500 tokens; its limit is 1200')
    expect(failure.usage).toMatchObject({ model_calls: 3, input_tokens: 1_200, output_tokens: 300 })
    expect(bench.model.requests).toHaveLength(3)
    expect(journal.rows().filter(({ kind }) => kind === 'tool')).toHaveLength(2)
  })

  it('lets a run use all of it', async () => {
    bench.model.script(say('Hello.', { usage: { input: 400, output: 100 } }))
    const { result } = await bench.run({ limits: { max_total_tokens: 500 } })
    expect(result.answer).toBe('Hello.')
  })

  it('counts what earlier attempts have used, and counts it once', async () => {
    bench.model.handle(() => askTime({ input: 400, output: 100 }))
    const store = new Map<string, string>()
    const config = { tools, limits: { max_total_tokens: 1_200 } }
    await bench.failure(config, { journal: createMemoryJournal({ store }) })
    const again = await bench.failure(config, { journal: createMemoryJournal({ store }) })
    expect(again).toMatchObject({ code: 'token_limit', usage: { model_calls: 3 } })
    expect(bench.model.requests).toHaveLength(3)
  })
})

describe('a limit on cost', () => {
  it('ends a run that has cost more', async () => {
    bench.model.handle(() => askTime({ input: 1_000, output: 200 }))
    const failure = await bench.failure({ tools, limits: { max_cost_usd: 0.005 } }, { price })
    expect(failure).toMatchObject({ code: 'cost_limit', retryable: false })
    expect(failure.message).toContain('$0.006')
    expect(failure.usage).toMatchObject({ model_calls: 2, cost_usd: '0.006' })
  })

  it('settles what a call cost when it is made', async () => {
    bench.model.script(
      askTime({ input: 1_000, output: 200 }),
      say('Late.', { usage: { input: 0, output: 0 } }),
    )
    const store = new Map<string, string>()
    const died = new Error('died')
    const dying = createMemoryJournal({
      store,
      after: ({ step }) => {
        if (step.key === 'model/0') throw died
      },
    })
    await expect(bench.run({ tools }, { journal: dying, price })).rejects.toBe(died)
    const dearer = { input: 1_000, output: 1_000 }
    const { usage } = await bench.run({ tools }, { journal: createMemoryJournal({ store }), price: dearer })
    expect(usage.cost_usd).toBe('0.003')
  })

  it('needs a price', async () => {
    const failure = await bench.failure({ limits: { max_cost_usd: 1 } })
    expect(failure).toMatchObject({ code: 'price_unknown', retryable: false })
    expect(failure.message).toContain('PUT /api/prices')
    expect(bench.model.requests).toHaveLength(0)
  })

  it('is not needed to run a model without a price', async () => {
    expect((await bench.run()).usage.cost_usd).toBeNull()
  })
})

describe('a limit on output', () => {
  it('ends a run whose model has written more, over all its calls', async () => {
    bench.model.script(
      callTools([{ name: 'current_time', arguments: { time_zone: 'Europe/London' } }], {
        text: 'x'.repeat(60),
      }),
      say('ä'.repeat(10)),
    )
    const failure = await bench.failure({ tools, limits: { max_output_bytes: 100 } })
    expect(failure).toMatchObject({ code: 'output_too_large', retryable: false })
    // 60 of text, 29 of arguments, 20 for ten letters of two bytes each
    expect(failure.message).toContain('109 bytes; the limit is 100')
  })
})

describe('an answer without an end', () => {
  it.each([
    ['a call', {}],
    ['a streamed call', { onPiece: () => {} }],
  ])('ends its call while it arrives: %s', async (_, input) => {
    bench.model.script(endless())
    const failure = await bench.failure({ limits: { max_output_bytes: 200_000 } }, input)
    expect(failure).toMatchObject({ code: 'output_too_large', retryable: false })
    expect(failure.message).toContain('the limit is 200000 (limits.max_output_bytes)')
    expect(bench.model.requests).toHaveLength(1)
  })

  it('is counted after what earlier calls have written', async () => {
    bench.model.script(callTools([{ name: 'current_time', arguments: {} }], { text: 'x'.repeat(150_000) }))
    bench.model.handle(() => say('y '.repeat(40_000)))
    const failure = await bench.failure(
      { tools, limits: { max_output_bytes: 200_000 } },
      { onPiece: () => {} },
    )
    expect(failure.code).toBe('output_too_large')
    expect(failure.message).toContain('so the call was stopped')
  })

  it('is ended in an error and in an event that never closes, too', async () => {
    const text = 'x'.repeat(3_000_000)
    const json = { 'content-type': 'application/json' }
    const limits = { max_output_bytes: 1_000 }
    bench.model.script({ kind: 'raw', status: 500, headers: json, body: `{"error":"${text}"}` })
    expect(await bench.failure({ limits })).toMatchObject({ code: 'output_too_large' })
    const stream = { 'content-type': 'text/event-stream' }
    bench.model.script({ kind: 'raw', status: 200, headers: stream, body: `data: {"x":"${text}"}\n\n` })
    expect(await bench.failure({ limits }, { onPiece: () => {} })).toMatchObject({ code: 'output_too_large' })
  })

  it('ends before it takes the memory of all others', async () => {
    const models = createModels({ local: { baseUrl: bench.model.url } })
    const run = createAgentRunner({ models, buildTools: () => [], memory: createProcessMemory(1_000_000) })
    const waiting = Promise.withResolvers<void>()
    bench.model.script(
      say('One two', { beforePiece: (at) => (at === 1 ? waiting.promise : undefined) }),
      endless(),
    )
    const limits = { max_output_bytes: 50_000_000 }
    const seen = Promise.withResolvers<void>()
    const modest = run(bench.input({ limits }, { onPiece: () => seen.resolve() }))
    await seen.promise
    const greedy = run(bench.input({ limits }))
    await expect(greedy).rejects.toMatchObject({
      code: 'answer_memory_exceeded',
      retryable: true,
      message: expect.stringContaining('BELLWIRE_WORKER_MEMORY_BYTES'),
    })
    waiting.resolve()
    expect((await modest).result.answer).toBe('One two')
    await models.close()
  })
})

describe('the time of a model call', () => {
  it.each([
    ['a call', {}],
    ['a streamed call', { onPiece: () => {} }],
  ])('is limited: %s', async (_, input) => {
    bench.model.script(hang())
    const failure = await bench.failure({ limits: { step_timeout_seconds: 0.2 } }, input)
    expect(failure).toMatchObject({ code: 'model_timed_out', retryable: true })
    expect(failure.message).toContain('0.2 seconds')
    expect(bench.model.requests).toHaveLength(1)
  })

  it('is that of the whole stream, and nothing comes after it', async () => {
    const pieces: Piece[] = []
    bench.model.script(say('one '.repeat(1_000), { pieceDelayMs: 20 }))
    const failure = await bench.failure(
      { limits: { step_timeout_seconds: 0.3 } },
      { onPiece: (piece) => pieces.push(piece) },
    )
    const seen = pieces.length
    expect(failure.code).toBe('model_timed_out')
    expect(seen).toBeGreaterThan(0)
    expect(seen).toBeLessThan(100)
    await bench.run()
    expect(pieces).toHaveLength(seen)
  })

  it('ends the wait for a model that ignores its signal', async () => {
    const models = createModels({})
    const deaf = {
      ...(await models.resolve('demo/assistant')),
      doGenerate: () => new Promise<never>(() => {}),
    }
    const run = createAgentRunner({
      models: { ...models, resolve: () => Promise.resolve(deaf) },
      buildTools: () => [],
    })
    await expect(run(bench.input({ limits: { step_timeout_seconds: 0.1 } }))).rejects.toMatchObject({
      code: 'model_timed_out',
    })
  })
})

describe('the time of a tool call', () => {
  const slow = (more: object = {}) => ({
    type: 'http',
    name: 'slow',
    description: 'Takes its time.',
    url: bench.tools.url,
    access: 'read',
    ...more,
  })

  it.each([
    ['the limits of the agent', { tool_timeout_seconds: 0.2 }, {}],
    ['the tool itself', { tool_timeout_seconds: 30 }, { timeout_seconds: 0.2 }],
  ])('is limited by %s; the model is told, and the run goes on', async (_, limits, more) => {
    bench.tools.handle(() => ({ delayMs: 15_000 }))
    bench.model.script(callTools([{ name: 'slow', arguments: {} }]), say('It does not answer.'))
    const journal = createMemoryJournal()
    const { result } = await bench.run({ tools: [slow(more)], limits }, { journal })
    expect(result.answer).toBe('It does not answer.')
    const error = 'The call took longer than 0.2 seconds and was stopped.'
    expect(result.tool_calls).toMatchObject([{ name: 'slow', error }])
    expect(journal.rows().find(({ kind }) => kind === 'tool')).toMatchObject({
      state: 'failed',
      output: { error },
    })
  })

  it('may be longer for one tool than for the others', async () => {
    bench.tools.handle(() => ({ delayMs: 300, body: { ok: true } }))
    bench.model.script(callTools([{ name: 'slow', arguments: {} }]), say('Done.'))
    const { result } = await bench.run({
      tools: [slow({ timeout_seconds: 10 })],
      limits: { tool_timeout_seconds: 0.1 },
    })
    expect(result.tool_calls).toMatchObject([{ result: { body: { ok: true } } }])
  })

  it('ends the wait for a tool that ignores its signal; a write is in doubt', async () => {
    const models = createModels({ local: { baseUrl: bench.model.url } })
    const deaf: RunTool = {
      ...createCurrentTime(() => new Date()),
      access: 'write',
      call: () => new Promise(() => {}),
    }
    const run = createAgentRunner({ models, buildTools: () => [deaf] })
    bench.model.script(askTime(), say('I could not do it.'))
    const { result } = await run(bench.input({ limits: { tool_timeout_seconds: 0.1 } }))
    expect(result.tool_calls).toMatchObject([
      { error: expect.stringMatching(/was stopped\. Whether it took effect is unknown\.$/) },
    ])
    await models.close()
  })
})
