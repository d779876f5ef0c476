import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../test/harness/memoryJournal.ts'
import { callTools, events, json, say } from '../../test/harness/modelServer.ts'
import { partialResult } from '../tasks/views/partialResult.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})

beforeEach(() => bench.model.reset())

afterAll(() => bench.stop())

const tools = [{ type: 'builtin', name: 'current_time' }]
const cut = (text: string) => say(text, { finishReason: 'length' })
const lastMessages = () => bench.model.requests.at(-1)?.body.messages ?? []

describe('an answer that was cut', () => {
  it('is continued, in steps of its own', async () => {
    bench.model.script(cut('One, '), cut('two, '), say('three.'))
    const journal = createMemoryJournal()
    const { result, usage } = await bench.run({}, { journal })
    expect(result.answer).toBe('One, two, three.')
    expect(usage.model_calls).toBe(3)
    expect(journal.rows().map(({ key }) => key)).toEqual(['model/0', 'model/1', 'model/2'])
    expect(lastMessages().map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ])
    expect(lastMessages().at(-1)?.content).toContain('cut off')
  })

  it('is continued after tools, which are not called again', async () => {
    bench.model.script(
      callTools([{ name: 'current_time', arguments: {} }], { text: 'Let me look.' }),
      cut('It is '),
      callTools([{ name: 'current_time', arguments: {} }], { text: 'late.' }),
    )
    const { result } = await bench.run({ tools })
    expect(result.answer).toBe('It is late.')
    expect(result.tool_calls).toHaveLength(1)
  })

  it('gives an output when its parts are one', async () => {
    bench.model.script(cut('{"mood":'), say('"good"}'))
    const output_schema = { type: 'object', properties: { mood: { enum: ['good'] } } }
    const { result } = await bench.run({ output_schema })
    expect(result.output).toEqual({ mood: 'good' })
  })

  it.each([
    ['model', {}, 6, 'after 5 continuations'],
    ['last step', { max_steps: 3 }, 3, 'no step was left'],
  ])('ends the run when the %s does not come to an end', async (_, limits, calls, reason) => {
    bench.model.handle((_request, index) => cut(`${index} `))
    const journal = createMemoryJournal()
    const failure = await bench.failure({ limits }, { journal })
    expect(failure).toMatchObject({ code: 'answer_cut', retryable: false })
    expect(failure.message).toContain(reason)
    expect(bench.model.requests).toHaveLength(calls)
    expect(partialResult(journal.rows())?.answer).toBe(
      ['0 ', '1 ', '2 ', '3 ', '4 ', '5 '].slice(0, calls).join(''),
    )
  })

  it('ends the run when tools were to be called after it', async () => {
    bench.model.script(
      callTools([{ name: 'current_time', arguments: {} }], { finishReason: 'length' }),
      say('Never mind.'),
    )
    expect(await bench.failure({ tools })).toMatchObject({ code: 'answer_cut' })
    expect(bench.model.requests).toHaveLength(1)
  })

  it('is an error for the model where it ends within the arguments of a call', async () => {
    bench.model.script(
      callTools([{ name: 'current_time', arguments: '{"time_zone":' }], { finishReason: 'length' }),
      say('Never mind.'),
    )
    const { result } = await bench.run({ tools })
    expect(result).toMatchObject({ answer: 'Never mind.', tool_calls: [{ error: expect.any(String) }] })
  })
})

describe('an empty answer', () => {
  it.each(['', ' \n'])('is asked for once more: %o', async (text) => {
    bench.model.script(say(text), say('Here.'))
    const { result, usage } = await bench.run()
    expect(result.answer).toBe('Here.')
    expect(usage.model_calls).toBe(2)
    expect(lastMessages().at(-1)?.content).toContain('contained no answer')
  })

  it('ends the run when it comes again', async () => {
    bench.model.script(say(''), say('', { reasoning: 'Hm.' }), say('Too late.'))
    expect(await bench.failure()).toMatchObject({ code: 'answer_empty', retryable: false })
    expect(bench.model.requests).toHaveLength(2)
  })

  it('is not asked for when no step is left', async () => {
    bench.model.script(say(''))
    const failure = await bench.failure({ limits: { max_steps: 1 } })
    expect(failure.code).toBe('answer_empty')
    expect(failure.message).toContain('no step was left')
  })

  it('is none because of what was said before the tools', async () => {
    const look = callTools([{ name: 'current_time', arguments: {} }], { text: 'Let me look.' })
    bench.model.script(look, say(''), say('It is late.'), look, say(''), say(''))
    expect((await bench.run({ tools })).result.answer).toBe('It is late.')
    expect(await bench.failure({ tools })).toMatchObject({ code: 'answer_empty' })
  })
})

describe('an error in the place of an answer', () => {
  const error = { code: 502, message: 'Upstream provider disconnected' }
  const choice = { index: 0, finish_reason: 'error', error, message: { content: 'The order was ref' } }
  const delta = { index: 0, delta: { content: 'The order was ref' } }
  const whole: [string, unknown, string, boolean][] = [
    ['in a choice', { id: 'x', choices: [choice] }, 'provider_unavailable', true],
    ['at the top', { error }, 'provider_unavailable', true],
    ['as a text', { error: 'model is loading' }, 'provider_unavailable', true],
    ['in the form of vLLM', { object: 'error', message: 'no', code: 400 }, 'provider_bad_request', false],
    ['as words alone', { message: 'wrong key', code: 401 }, 'provider_auth', false],
    ['as a detail', { detail: 'no such thing', status_code: 422 }, 'provider_bad_request', false],
    ['with a code like a status', { error: { message: 'slower', code: 429 } }, 'provider_rate_limited', true],
    ['with a code in words', { error: { message: 'no', code: 'invalid_api_key' } }, 'provider_auth', false],
    [
      'as a reason alone',
      { choices: [{ finish_reason: 'error', message: { content: 'The' } }] },
      'provider_unavailable',
      true,
    ],
  ]

  it.each(whole)('is the failure of the provider: %s', async (_, body, code, retryable) => {
    bench.model.script(json(body), json(body))
    for (const input of [{}, { onPiece: () => {} }]) {
      const failure = await bench.failure({}, input)
      expect(failure).toMatchObject({ code, retryable })
      expect(failure.message).toContain('the provider reported an error')
    }
  })

  it('shows the words of the provider', async () => {
    bench.model.script(json({ choices: [choice] }))
    expect((await bench.failure()).message).toContain('(502: Upstream provider disconnected)')
  })

  it.each([
    ['at the top', [{ choices: [delta] }, { error }]],
    [
      'in a choice',
      [{ choices: [delta] }, { choices: [{ index: 0, finish_reason: 'error', error, delta: {} }] }],
    ],
    ['as a text', [{ choices: [delta] }, { error: 'Upstream provider disconnected' }]],
    ['alone', [{ error }]],
  ])('is found in a stream: %s', async (_, list) => {
    bench.model.script(events(...list, '[DONE]'))
    const failure = await bench.failure({}, { onPiece: () => {} })
    expect(failure).toMatchObject({ code: 'provider_unavailable', retryable: true })
    expect(failure.message).toContain('Upstream provider disconnected')
  })

  it('is none when it is null', async () => {
    const message = { role: 'assistant', content: 'Fine.' }
    bench.model.script(
      json({ error: null, choices: [{ index: 0, finish_reason: 'stop', message, error: null }] }),
    )
    expect((await bench.run()).result.answer).toBe('Fine.')
  })
})
