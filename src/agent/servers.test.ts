import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../test/harness/agentRun.ts'
import { callTools, events, json, say } from '../../test/harness/modelServer.ts'
import { createModels } from '../models/models.ts'
import { createAgentRunner } from './run.ts'
import type { Piece } from './runInput.ts'

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

const completion = (message: object, more: object = {}) =>
  json({ id: 'x', choices: [{ index: 0, finish_reason: 'stop', message, ...more }] })
const chunk = (delta: object, more: object = {}) => ({ id: 'x', choices: [{ index: 0, delta, ...more }] })
const finish = chunk({}, { finish_reason: 'stop' })

function find() {
  return {
    type: 'http',
    name: 'find',
    description: 'Finds things.',
    access: 'read',
    url: `${bench.tools.url}/find?q={{ q }}&limit={{ limit }}&tags={{ tags }}`,
    parameters: {
      type: 'object',
      properties: {
        q: { type: 'string' },
        limit: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' } },
      },
    },
  }
}

const paths = () => bench.tools.requests.map(({ path }) => decodeURIComponent(path))

describe('arguments of a tool call', () => {
  it.each<[string, object]>([
    ['an object', { arguments: { q: 'Paris' } }],
    ['JSON written as JSON', { arguments: JSON.stringify(JSON.stringify({ q: 'Paris' })) }],
  ])('are taken as they are meant: %s', async (_, args) => {
    const message = { tool_calls: [{ id: 'a', type: 'function', function: { name: 'find', ...args } }] }
    for (const input of [{}, { onPiece: () => {} }]) {
      bench.tools.reset()
      bench.model.script(completion({ role: 'assistant', content: null, ...message }), say('Done.'))
      await bench.run({ tools: [find()] }, input)
      expect(paths()).toEqual(['/find?q=Paris&limit=&tags='])
    }
  })

  it.each<[string, object]>([
    ['null', { arguments: null }],
    ['absent', {}],
    ['empty', { arguments: '' }],
    ['the word null', { arguments: 'null' }],
    ['the word null in quotes', { arguments: '"null"' }],
  ])('are an empty object: %s', async (_, args) => {
    const message = { tool_calls: [{ id: 'a', type: 'function', function: { name: 'find', ...args } }] }
    bench.model.script(completion({ role: 'assistant', content: null, ...message }), say('Done.'))
    const { result } = await bench.run({ tools: [find()] })
    expect(result.tool_calls).toMatchObject([{ arguments: {}, result: { status: 200 } }])
  })

  it('come in a stream as an object, too', async () => {
    const call = { index: 0, id: 'a', function: { name: 'find', arguments: { q: 'Paris' } } }
    bench.model.script(events(chunk({ tool_calls: [call] }), finish, '[DONE]'), say('Done.'))
    await bench.run({ tools: [find()] }, { onPiece: () => {} })
    expect(paths()).toEqual(['/find?q=Paris&limit=&tags='])
  })

  it.each([
    ['{"q":"x","limit":null}', '/find?q=x&limit=&tags='],
    ['{"q":"x","limit":"5"}', '/find?q=x&limit=5&tags='],
    ['{"q":"x","tags":"[\\"a\\"]"}', '/find?q=x&limit=&tags=["a"]'],
  ])('are coerced where that is unambiguous: %s', async (args, path) => {
    bench.model.script(callTools([{ name: 'find', arguments: args }]), say('Done.'))
    await bench.run({ tools: [find()] })
    expect(paths()).toEqual([path])
  })

  it.each(['{"q":"x","limit":"5 or 6"}', '{"q":"x","limit":"5.5"}', '{"q":7}', '{"q":"x","tags":"a"}'])(
    'are refused elsewhere: %s',
    async (args) => {
      bench.model.script(callTools([{ name: 'find', arguments: args }]), say('Done.'))
      const { result } = await bench.run({ tools: [find()] })
      expect(result.tool_calls[0]?.error).toContain('do not match the parameters')
      expect(paths()).toEqual([])
    },
  )
})

describe('a made-up name of a tool', () => {
  it.each([
    ['get weather!', 'get_weather_'],
    ['', 'unknown_tool'],
    ['x'.repeat(80), 'x'.repeat(64)],
  ])('comes back as a legal one: %o', async (name, legal) => {
    bench.model.script(callTools([{ id: 'a', name, arguments: {} }]), say('Done.'))
    await bench.run({ tools: [find()] })
    const [, , call] = bench.model.requests.at(-1)?.body.messages ?? []
    expect(call?.tool_calls).toMatchObject([{ id: 'a', function: { name: legal } }])
  })
})

describe('thoughts within the text', () => {
  const text = '<think>\nA bug, I think.\n</think>\n\nIt is a bug.'

  it('are thoughts', async () => {
    bench.model.script(say(text))
    const { result } = await bench.run()
    expect(result).toMatchObject({ answer: 'It is a bug.', thought: '\nA bug, I think.\n' })
  })

  it('are thoughts in a stream, wherever its pieces end', async () => {
    bench.model.script(say(text, { pieces: text.split('') }))
    const pieces: Piece[] = []
    const { result } = await bench.run({}, { onPiece: (piece) => pieces.push(piece) })
    expect(result).toMatchObject({ answer: 'It is a bug.', thought: '\nA bug, I think.\n' })
    const told = (type: Piece['type']) =>
      pieces.flatMap((piece) => (piece.type === type ? piece.text : [])).join('')
    expect(told('answer')).toBe('It is a bug.')
    expect(told('thought')).toBe('\nA bug, I think.\n')
  })

  it('are thoughts without their beginning', async () => {
    bench.model.script(say('A bug, I think.\n</think>\n\nIt is a bug.'))
    expect((await bench.run()).result).toMatchObject({ answer: 'It is a bug.', thought: 'A bug, I think.\n' })
  })

  it('stand before an output', async () => {
    const output_schema = { type: 'object', properties: { kind: { enum: ['bug', 'praise'] } } }
    bench.model.script(say('<think>\nSounds like a bug.\n</think>\n\n{"kind":"bug"}'))
    expect((await bench.run({ output_schema })).result.output).toEqual({ kind: 'bug' })
  })

  it('are no answer', async () => {
    bench.model.script(say('<think>Hm.</think>'), say('Fine.'))
    expect((await bench.run()).result.answer).toBe('Fine.')
  })
})

describe('a stream', () => {
  const streamed = { onPiece: () => {} }
  const text = chunk({ role: 'assistant', content: 'Fine.' })
  const usage = { usage: { prompt_tokens: 7, completion_tokens: 3 } }

  it.each<[string, unknown[]]>([
    ['has an event of usage without choices', [text, finish, usage, '[DONE]']],
    ['has one whose choices are null', [text, finish, { ...usage, choices: null }, '[DONE]']],
    ['has no [DONE]', [text, finish, { ...usage, choices: [] }]],
    ['has [DONE] and no finish reason', [text, usage, '[DONE]']],
    ['has another role', [chunk({ role: 'model', content: 'Fine.' }), finish, usage, '[DONE]']],
    ['has numbers for ids', [{ ...text, id: 7, created: 'now' }, finish, usage, '[DONE]']],
  ])('is an answer when it %s', async (_, list) => {
    bench.model.script(events(...list))
    const { result, usage: used } = await bench.run({}, streamed)
    expect(result.answer).toBe('Fine.')
    expect(used).toMatchObject({ input_tokens: 7, output_tokens: 3 })
  })

  it('asks for tools also without a finish reason', async () => {
    const call = { index: 0, id: 'a', function: { name: 'find', arguments: '{}' } }
    bench.model.script(events(chunk({ tool_calls: [call] }), '[DONE]'), events(text, finish, '[DONE]'))
    const { result } = await bench.run({ tools: [find()] }, streamed)
    expect(result.tool_calls).toHaveLength(1)
  })

  it('may be JSON', async () => {
    const call = { id: 'a', type: 'function', function: { name: 'find', arguments: '{"q":"x"}' } }
    const message = { role: 'assistant', content: 'Wait.', tool_calls: [call] }
    bench.model.script(
      completion(message, { finish_reason: 'tool_calls' }),
      completion({ role: 'assistant', content: 'Fine.' }),
    )
    const pieces: string[] = []
    const { result } = await bench.run({ tools: [find()] }, { onPiece: (piece) => pieces.push(piece.text) })
    expect(bench.model.requests[0]?.body.stream).toBe(true)
    expect(result).toMatchObject({ answer: 'Fine.', tool_calls: [{ arguments: { q: 'x' } }] })
    expect(pieces).toEqual(['Wait.', 'Fine.'])
  })
})

describe('a base URL without its version', () => {
  it.each([
    ['404', json({ detail: 'Not Found' }, 404)],
    ['a text', { ...json('404 page not found', 404), headers: { 'content-type': 'text/plain' } }],
    [
      'an error under the status 200',
      json({ error: 'Unexpected endpoint or method. (POST /chat/completions)' }),
    ],
  ])('is found out, and asked about once: %s', async (_, reply) => {
    bench.model.handle(({ path }) => (path.startsWith('/v1/') ? say('Fine.') : reply))
    const models = createModels({ local: { baseUrl: bench.model.url.replace('/v1', '') } })
    const run = createAgentRunner({ models, buildTools: () => [] })
    expect((await run(bench.input())).result.answer).toBe('Fine.')
    expect((await run(bench.input())).result.answer).toBe('Fine.')
    expect(bench.model.requests.map(({ path }) => path)).toEqual([
      '/chat/completions',
      '/v1/chat/completions',
      '/v1/chat/completions',
    ])
    await models.close()
  })

  it('is not looked for when the model is missing', async () => {
    bench.model.handle(() => json({ error: { message: 'model "x" not found', type: 'not_found' } }, 404))
    const models = createModels({ local: { baseUrl: bench.model.url.replace('/v1', '') } })
    const run = createAgentRunner({ models, buildTools: () => [] })
    await expect(run(bench.input())).rejects.toMatchObject({ code: 'model_not_found' })
    expect(bench.model.requests).toHaveLength(1)
    await models.close()
  })
})

describe('an answer in another form', () => {
  const called = (message: object) => completion(message, { finish_reason: 'tool_calls' })
  const one = { id: 'c', type: 'function', function: { name: 'find', arguments: '{"q":"x"}' } }

  it.each<[string, object]>([
    ['a single call', { content: null, tool_calls: one }],
    ['a list with holes', { content: null, tool_calls: [null, one] }],
    ['a call from before tools', { content: null, function_call: { name: 'find', arguments: '{"q":"x"}' } }],
    ['a name with spaces', { tool_calls: [{ ...one, function: { ...one.function, name: ' find\n' } }] }],
  ])('still calls the tool: %s', async (_what, message) => {
    bench.model.script(called(message), say('Found.'))
    const { result } = await bench.run({ tools: [find()] })
    expect(paths()).toEqual(['/find?q=x&limit=&tags='])
    expect(result).toMatchObject({ answer: 'Found.', tool_calls: [{ name: 'find', arguments: { q: 'x' } }] })
  })

  it('calls the tool in pieces of a call from before tools', async () => {
    bench.model.script(
      events(
        chunk({ function_call: { name: 'find', arguments: '' } }),
        chunk({ function_call: { arguments: '{"q":' } }),
        chunk({ function_call: { arguments: '"x"}' } }),
        chunk({}, { finish_reason: 'function_call' }),
        '[DONE]',
      ),
      say('Found.'),
    )
    const { result } = await bench.run({ tools: [find()] }, { onPiece: () => {} })
    expect(result).toMatchObject({ answer: 'Found.', tool_calls: [{ name: 'find', arguments: { q: 'x' } }] })
  })

  it.each<[string, object, string]>([
    ['JSON that is not written as text', { content: { a: 1 } }, '{"a":1}'],
    ['a number', { content: 42 }, '42'],
    ['a list of parts', { content: [{ type: 'text', text: 'hi' }] }, 'hi'],
  ])('has a text: %s', async (_what, message, answer) => {
    bench.model.script(completion(message))
    expect((await bench.run()).result.answer).toBe(answer)
    bench.model.script(events(chunk(message), finish, '[DONE]'))
    expect((await bench.run({}, { onPiece: () => {} })).result.answer).toBe(answer)
  })

  it('may come whole in a stream', async () => {
    bench.model.script(
      events({ choices: [{ index: 0, message: { content: 'whole' }, finish_reason: 'stop' }] }, '[DONE]'),
    )
    const pieces: Piece[] = []
    const { result } = await bench.run({}, { onPiece: (piece) => void pieces.push(piece) })
    expect(result.answer).toBe('whole')
    expect(pieces).toEqual([{ type: 'answer', text: 'whole' }])
    expect(bench.model.requests).toHaveLength(1)
  })

  it.each<[object]>([
    [{ prompt_tokens_details: 'x' }],
    [{ completion_tokens_details: { reasoning_tokens: 'many' } }],
    [{ prompt_tokens_details: [] }],
  ])('is not lost for odd details of its usage: %j', async (details) => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, ...details }
    bench.model.script(
      json({ id: 'x', choices: [{ index: 0, finish_reason: 'stop', message: { content: 'x' } }], usage }),
    )
    const outcome = await bench.run()
    expect(outcome.result.answer).toBe('x')
    expect(outcome.usage).toMatchObject({ input_tokens: 3, output_tokens: 2 })
  })
})
