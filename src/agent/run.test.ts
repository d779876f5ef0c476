import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MODEL_KEY, startAgentBench, type AgentBench } from '../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../test/harness/memoryJournal.ts'
import { callTools, hang, say } from '../../test/harness/modelServer.ts'
import { createModels } from '../models/models.ts'
import { createCurrentTime } from '../tools/builtin/currentTime.ts'
import { createAgentRunner } from './run.ts'
import type { Piece } from './runInput.ts'
import { RunFailure } from './runFailure.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})

beforeEach(() => {
  bench.model.reset()
  bench.tools.reset()
})

afterAll(() => bench.stop())

const lookUp = {
  type: 'http',
  name: 'look_up',
  description: 'Looks a word up.',
  access: 'read',
  parameters: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
}

/** What stands between the marks of a fenced text. */
function unfenced(content: unknown): string | undefined {
  return /\n<(data-[0-9a-f]{16})>\n([^]*)\n<\/\1>$/.exec(String(content))?.[2]
}

function lastRequest() {
  const request = bench.model.requests.at(-1)
  if (!request) throw new Error('the model was not called')
  return request.body
}

describe('an answer', () => {
  it('comes with its usage, and the question went out as it was asked', async () => {
    bench.model.script(
      say('Fine.', { reasoning: 'They ask.', usage: { input: 30, output: 12, cached: 8, reasoning: 4 } }),
    )
    const { result, usage } = await bench.run()
    expect(result).toEqual({ answer: 'Fine.', sources: [], tool_calls: [], thought: 'They ask.' })
    expect(usage).toEqual({
      model_calls: 1,
      input_tokens: 30,
      cached_input_tokens: 8,
      output_tokens: 12,
      reasoning_tokens: 4,
      cost_usd: null,
    })
    expect(lastRequest()).toMatchObject({
      model: 'test-model',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'How are you?' },
      ],
    })
    expect(lastRequest().stream).toBeUndefined()
  })

  it('needs no instructions', async () => {
    await bench.run({ instructions: '' })
    expect(lastRequest().messages.map(({ role }) => role)).toEqual(['user'])
  })

  it('is the last text of the run', async () => {
    bench.model.script(
      callTools([{ name: 'current_time', arguments: {} }], { text: 'Let me look.' }),
      say('It is late.'),
    )
    const { result } = await bench.run({ tools: [{ type: 'builtin', name: 'current_time' }] })
    expect(result.answer).toBe('It is late.')
  })
})

describe('tool calls', () => {
  it('give the model what the result says they gave', async () => {
    const tools = [{ ...lookUp, url: `${bench.tools.url}/words/{{ word }}` }]
    bench.tools.handle(({ path }) =>
      path.endsWith('no') ? { status: 404, body: 'no such word' } : { body: { path } },
    )
    bench.model.script(
      callTools([
        { name: 'look_up', arguments: { word: 'a/b' } },
        { name: 'look_up', arguments: { word: 'no' } },
        { name: 'look_up', arguments: { word: 7 } },
        { name: 'unheard_of', arguments: {} },
      ]),
      say('Found.'),
    )
    const { result, usage } = await bench.run({ tools })
    expect(usage.model_calls).toBe(2)
    expect(result.tool_calls).toEqual([
      {
        name: 'look_up',
        arguments: { word: 'a/b' },
        result: { status: 200, content_type: 'application/json', body: { path: '/words/a%2Fb' } },
      },
      { name: 'look_up', arguments: { word: 'no' }, error: 'HTTP 404 Not Found: no such word' },
      {
        name: 'look_up',
        arguments: { word: 7 },
        error: 'The arguments do not match the parameters: /word must be string.',
      },
      { name: 'unheard_of', arguments: {}, error: expect.stringContaining('unheard_of') },
    ])
    const seen = lastRequest().messages.filter(({ role }) => role === 'tool')
    const told = result.tool_calls.map(({ result: value, error }) => error ?? JSON.stringify(value))
    expect(seen.map(({ content }) => unfenced(content))).toEqual(told)
  })

  it('are told apart when the server gives them the same id', async () => {
    bench.model.script(
      callTools([
        { id: 'same', name: 'look_up', arguments: { word: 'one' } },
        { id: 'same', name: 'look_up', arguments: { word: 'two' } },
      ]),
      say('Found.'),
    )
    bench.tools.handle(({ path }) => ({ body: path }))
    const { result } = await bench.run({ tools: [{ ...lookUp, url: `${bench.tools.url}/{{ word }}` }] })
    expect(result.tool_calls.map((call) => [call.arguments, call.result])).toEqual([
      [{ word: 'one' }, { status: 200, content_type: 'text/plain', body: '/one' }],
      [{ word: 'two' }, { status: 200, content_type: 'text/plain', body: '/two' }],
    ])
  })

  it('are made again in the next step, also under the same id', async () => {
    const again = () => callTools([{ id: 'same', name: 'look_up', arguments: { word: 'one' } }])
    bench.model.script(again(), again(), say('Found.'))
    const { result } = await bench.run({ tools: [{ ...lookUp, url: bench.tools.url }] })
    expect(result.tool_calls).toHaveLength(2)
    expect([...bench.tools.perKey().values()]).toEqual([1, 1])
  })

  it('carry a key that is their own', async () => {
    bench.model.script(
      callTools([
        { name: 'look_up', arguments: { word: 'one' } },
        { name: 'look_up', arguments: { word: 'one' } },
      ]),
      say('Found.'),
    )
    await bench.run({ tools: [{ ...lookUp, url: bench.tools.url }] })
    expect([...bench.tools.perKey().values()]).toEqual([1, 1])
  })
})

describe('a server with manners of its own', () => {
  it.each(['', 'end_turn'])('may give a reason of its own for tool calls: %o', async (finishReason) => {
    bench.model.script(callTools([{ name: 'current_time', arguments: {} }], { finishReason }), say('Late.'))
    const { result } = await bench.run({ tools: [{ type: 'builtin', name: 'current_time' }] })
    expect(result).toMatchObject({ answer: 'Late.', tool_calls: [{ result: { utc: expect.any(String) } }] })
  })
})

describe('reading along', () => {
  it('gets each piece before the model goes on', async () => {
    let release: () => void = () => {}
    const seen = new Promise<void>((resolve) => (release = resolve))
    bench.model.script(say('One two three', { beforePiece: (index) => (index === 1 ? seen : undefined) }))
    const pieces: Piece[] = []
    const { result } = await bench.run(
      {},
      {
        onPiece: (piece) => {
          pieces.push(piece)
          release()
        },
      },
    )
    expect(pieces.map(({ text }) => text)).toEqual(['One ', 'two ', 'three'])
    expect(result.answer).toBe('One two three')
  })

  it('gives the same result, tool calls in pieces and thoughts included', async () => {
    const script = () =>
      bench.model.script(
        callTools([{ name: 'look_up', arguments: { word: 'täglich' } }], {
          text: 'Wait.',
          reasoning: 'A word?',
        }),
        say('Found it.', { reasoning: 'Good.' }),
      )
    const tools = [{ ...lookUp, url: `${bench.tools.url}/{{ word }}` }]
    script()
    const quiet = await bench.run({ tools })
    script()
    const pieces: Piece[] = []
    const streamed = await bench.run({ tools }, { onPiece: (piece) => pieces.push(piece) })
    expect(streamed).toEqual(quiet)
    const text = (type: Piece['type']) =>
      pieces
        .filter((piece) => piece.type === type)
        .map((piece) => piece.text)
        .join('')
    expect(text('answer')).toBe('Wait.Found it.')
    expect(text('thought')).toBe('A word?Good.')
  })

  it('may begin and end between two model calls', async () => {
    bench.model.script(
      callTools([{ name: 'current_time', arguments: {} }], { text: 'Not heard.' }),
      callTools([{ name: 'current_time', arguments: {} }], { text: 'Heard.' }),
      say('Not heard.'),
    )
    const pieces: Piece[] = []
    await bench.run(
      { tools: [{ type: 'builtin', name: 'current_time' }] },
      { onPiece: (piece) => pieces.push(piece), isWatched: () => bench.model.requests.length === 1 },
    )
    expect(bench.model.requests.map(({ body }) => body.stream === true)).toEqual([false, true, false])
    expect(
      pieces
        .map(({ text }) => text)
        .join('')
        .trim(),
    ).toBe('Heard.')
  })
})

describe('limits', () => {
  it('end a run that only ever calls tools', async () => {
    bench.model.handle(() => callTools([{ name: 'current_time', arguments: {} }]))
    const failure = await bench.failure({
      tools: [{ type: 'builtin', name: 'current_time' }],
      limits: { max_steps: 3 },
    })
    expect(failure).toMatchObject({ code: 'step_limit', retryable: false })
    expect(failure.usage?.model_calls).toBe(3)
    expect(bench.model.requests).toHaveLength(3)
  })

  it('allow an answer in the last step', async () => {
    bench.model.script(callTools([{ name: 'current_time', arguments: {} }]), say('Late.'))
    const { result } = await bench.run({
      tools: [{ type: 'builtin', name: 'current_time' }],
      limits: { max_steps: 2 },
    })
    expect(result.answer).toBe('Late.')
  })

  it('end a run whose model never answers', async () => {
    bench.model.script(hang())
    const failure = await bench.failure({ limits: { timeout_seconds: 5 } }, { deadline: Date.now() + 100 })
    expect(failure).toMatchObject({ code: 'timed_out', retryable: false })
    expect(failure.message).toContain('5 seconds')
  })

  it('end a run whose tool hangs', async () => {
    bench.tools.handle(() => ({ delayMs: 15_000 }))
    bench.model.script(callTools([{ name: 'look_up', arguments: { word: 'x' } }]))
    const journal = createMemoryJournal()
    const failure = await bench.failure(
      { tools: [{ ...lookUp, url: bench.tools.url }] },
      { deadline: Date.now() + 300, journal },
    )
    expect(failure.code).toBe('timed_out')
    expect(failure.usage?.model_calls).toBe(1)
    expect(journal.rows().map(({ kind }) => kind)).toEqual(['model'])
  })

  it('do not wait for a tool that does not care', async () => {
    const stubborn = createCurrentTime(() => new Date())
    const models = createModels({ local: { baseUrl: bench.model.url } })
    const run = createAgentRunner({
      models,
      buildTools: () => [{ ...stubborn, access: 'write', call: () => new Promise(() => {}) }],
    })
    bench.model.script(callTools([{ name: 'current_time', arguments: {} }]))
    const journal = createMemoryJournal()
    const running = run(bench.input({}, { journal, deadline: Date.now() + 300 }))
    await expect(running).rejects.toMatchObject({ code: 'timed_out' })
    expect(journal.rows().map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'model done',
      'tool started',
    ])
    await models.close()
  })

  it('count from the task, not from this attempt', async () => {
    const failure = await bench.failure({}, { deadline: Date.now() - 1 })
    expect(failure.code).toBe('timed_out')
    expect(bench.model.requests).toHaveLength(0)
  })

  it.each(['', 'I would rather'])('refuse an answer that was refused: "%s"', async (text) => {
    bench.model.script(say(text, { finishReason: 'content_filter' }))
    expect(await bench.failure()).toMatchObject({ code: 'content_refused', retryable: false })
  })
})

describe('stopping', () => {
  it.each(['before it begins', 'while the model works'])('rethrows the reason: %s', async (when) => {
    const abort = new AbortController()
    const reason = new Error('cancelled')
    if (when === 'before it begins') abort.abort(reason)
    bench.model.handle(() => {
      abort.abort(reason)
      return hang()
    })
    const journal = createMemoryJournal()
    await expect(bench.run({}, { signal: abort.signal, journal })).rejects.toBe(reason)
    expect(journal.rows()).toEqual([])
  })

  it('leaves a write tool that is under way as begun', async () => {
    const abort = new AbortController()
    const reason = new Error('shutdown')
    bench.tools.handle(() => {
      abort.abort(reason)
      return { delayMs: 15_000 }
    })
    bench.model.script(callTools([{ name: 'look_up', arguments: { word: 'x' } }]))
    const journal = createMemoryJournal()
    const run = bench.run(
      { tools: [{ ...lookUp, access: 'write', url: bench.tools.url }] },
      { signal: abort.signal, journal },
    )
    await expect(run).rejects.toBe(reason)
    expect(journal.rows().map(({ kind, state }) => [kind, state])).toEqual([
      ['model', 'done'],
      ['tool', 'started'],
    ])
  })
})

describe('templates', () => {
  it('are written with payload, request, agent and the time of acceptance', async () => {
    await bench.run(
      {
        instructions: '{{ agent.name }} {{ agent.revision }}, {{ now }}',
        message: '{{ payload.user.name }} via {{ request.method }} {{ request.query.q }}: {{ payload.user }}',
      },
      {
        payload: { user: { name: '<Ada> & {{ 1 }}' } },
        request: { method: 'GET', headers: {}, query: { q: ['a', 'b'] } },
      },
    )
    expect(lastRequest().messages).toEqual([
      { role: 'system', content: 'Helper 3, 2026-03-01T12:00:00.000Z' },
      { role: 'user', content: '<Ada> & {{ 1 }} via GET ["a","b"]: {"name":"<Ada> & {{ 1 }}"}' },
    ])
  })

  it.each([
    ['cannot be parsed', '{{ payload', 'template_failed', 'line 1, column 1'],
    ['takes too long', '{% for i in (1..60000000) %}{% endfor %}', 'template_failed', 'limit exceeded'],
    ['gives nothing', '{{ payload.absent }}', 'template_failed', 'empty'],
  ])('fail the run: %s', async (_, message, code, detail) => {
    const failure = await bench.failure({ message })
    expect(failure).toMatchObject({ code, retryable: false })
    expect(failure.message).toContain(detail)
    expect(bench.model.requests).toHaveLength(0)
  })
})

describe('what cannot be run', () => {
  it('says which provider is missing', async () => {
    const failure = await bench.failure({ model: 'openai/gpt-5-mini' })
    expect(failure).toBeInstanceOf(RunFailure)
    expect(failure).toMatchObject({ code: 'provider_not_configured', retryable: false })
    expect(failure.message).toContain('OPENAI_API_KEY')
    expect(failure.message).not.toContain(MODEL_KEY)
  })

  it('says which part of the agent is wrong', async () => {
    const failure = await bench.failure({ output_schema: { type: 'nonsense' } })
    expect(failure.code).toBe('agent_invalid')
    expect(failure.message).toContain('output_schema')
  })
})

it('lets the calls of a model that asks for very many take turns', async () => {
  let underWay = 0
  let most = 0
  bench.tools.handle(async () => {
    most = Math.max(most, (underWay += 1))
    await new Promise((resolve) => setTimeout(resolve, 5))
    underWay -= 1
    return { body: 'ok' }
  })
  const calls = Array.from({ length: 200 }, (_, index) => ({
    id: `c${index}`,
    name: 'look_up',
    arguments: { word: `w${index}` },
  }))
  bench.model.script(callTools(calls), say('done'))
  const { result } = await bench.run({ tools: [{ ...lookUp, url: `${bench.tools.url}/{{ word }}` }] })
  expect(result.tool_calls).toHaveLength(200)
  expect(most).toBeGreaterThan(8)
  expect(most).toBeLessThanOrEqual(32)
})
