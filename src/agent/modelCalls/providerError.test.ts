import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MODEL_KEY, startAgentBench, type AgentBench } from '../../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../../test/harness/memoryJournal.ts'
import {
  brokenJson,
  callTools,
  cutBody,
  fail,
  html,
  json,
  say,
  startModelServer,
  type Reply,
} from '../../../test/harness/modelServer.ts'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { AgentConfig } from '../../contract/agent.ts'
import { createModels } from '../../models/models.ts'
import { isErrorCode } from '../../errors.ts'
import { parseRetryAfter, RETRIED } from './providerError.ts'
import { createAgentRunner } from '../run.ts'
import type { Piece } from '../runInput.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})

beforeEach(() => bench.model.reset())

afterAll(() => bench.stop())

const streamed = { onPiece: () => {} }

/** A call of a tool with arguments of so many levels. */
function nested(levels: number): Reply {
  const args = `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
  return callTools([{ id: 'a', name: 'tool', arguments: args }])
}

type Case = [name: string, reply: Reply, code: string, retryable: boolean]

const EVERYWHERE: Case[] = [
  ['401', fail(401, 'Incorrect API key provided'), 'provider_auth', false],
  ['403', fail(403), 'provider_auth', false],
  ['404', fail(404, 'no such model'), 'model_not_found', false],
  ['400', fail(400, 'tools are not supported'), 'provider_bad_request', false],
  ['402', fail(402), 'provider_quota_exceeded', false],
  ['413', fail(413), 'context_too_long', false],
  ['422', fail(422), 'provider_bad_request', false],
  ['429', fail(429, 'slow down'), 'provider_rate_limited', true],
  ['408', fail(408), 'provider_unavailable', true],
  ['409', fail(409), 'provider_unavailable', true],
  ['500', fail(500), 'provider_unavailable', true],
  ['503 with a web page', html(503), 'provider_unavailable', true],
  ['529', fail(529, 'overloaded'), 'provider_unavailable', true],
  ['a web page', html(), 'provider_bad_response', true],
  ['JSON that ends in the middle', brokenJson(), 'provider_bad_response', true],
  ['arguments without a bottom', nested(20_000), 'provider_bad_response', true],
]

describe.each([
  ['a call', {}],
  ['a streamed call', streamed],
])('%s', (_, input) => {
  it.each(EVERYWHERE)('answered with %s', async (_name, reply, code, retryable) => {
    bench.model.script(reply)
    const journal = createMemoryJournal()
    const failure = await bench.failure({}, { ...input, journal })
    expect(failure).toMatchObject({ code, retryable })
    expect(failure.message).toMatch(/^local\/test-model: /)
    expect(failure.message).not.toMatch(/doctype|choices/)
    expect(bench.model.requests).toHaveLength(1)
    expect(journal.rows()).toMatchObject([
      {
        key: 'model/0/failed/1',
        kind: 'model',
        step: 0,
        state: 'failed',
        input: { system: 'Be brief.', user: 'How are you?' },
        output: { error: { code, message: failure.message } },
      },
    ])
  })

  it('cut off in the middle of its body', async () => {
    bench.model.script(cutBody())
    const failure = await bench.failure({}, input)
    expect(failure).toMatchObject({ code: 'provider_unavailable', retryable: true })
  })
})

describe('a stream', () => {
  it('cut in the middle is not an answer', async () => {
    const pieces: Piece[] = []
    const beforePiece = async (index: number) => {
      if (index === 2) await waitFor(() => pieces.length === 2)
    }
    bench.model.script(say('One two three four', { cutBeforePiece: 2, beforePiece }))
    const journal = createMemoryJournal()
    const failure = await bench.failure({}, { onPiece: (piece) => pieces.push(piece), journal })
    expect(failure).toMatchObject({ code: 'provider_unavailable', retryable: true })
    expect(pieces.map(({ text }) => text)).toEqual(['One ', 'two '])
    expect(journal.rows().map(({ state }) => state)).toEqual(['failed'])
  })

  it.each([
    [{ message: 'Overloaded', type: 'overloaded_error' }, 'provider_unavailable', true],
    [{ message: 'Too fast', type: 'rate_limit_error' }, 'provider_rate_limited', true],
    [{ message: 'Too long', code: 'context_length_exceeded' }, 'context_too_long', false],
    [{ message: 'Pay first', code: 'insufficient_quota' }, 'provider_quota_exceeded', false],
  ])('that reports %o', async (error, code, retryable) => {
    const first = { id: 'x', choices: [{ index: 0, delta: { role: 'assistant', content: 'Well' } }] }
    bench.model.script({
      kind: 'raw',
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: [first, { error }].map((data) => `data: ${JSON.stringify(data)}\n\n`).join(''),
    })
    const failure = await bench.failure({}, streamed)
    expect(failure).toMatchObject({ code, retryable })
    expect(failure.message).toContain(error.message)
  })

  it('that ends without an end', async () => {
    const first = { id: 'x', choices: [{ index: 0, delta: { role: 'assistant', content: 'Well' } }] }
    bench.model.script({
      kind: 'raw',
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: `data: ${JSON.stringify(first)}\n\n`,
    })
    const failure = await bench.failure({}, streamed)
    expect(failure).toMatchObject({ code: 'provider_unavailable', retryable: true })
  })
})

describe('a failure', () => {
  it('keeps the wait that the provider asks for', async () => {
    bench.model.script(fail(429, 'slow down', { 'retry-after': '7' }))
    expect((await bench.failure()).retryAfterMs).toBe(7_000)
    bench.model.script(fail(503, 'busy', { 'retry-after-ms': '1500', 'retry-after': '2' }))
    expect((await bench.failure()).retryAfterMs).toBe(1_500)
  })

  it.each([
    [
      400,
      { error: { message: 'API key not valid', details: [{ reason: 'API_KEY_INVALID' }] } },
      'provider_auth',
    ],
    [400, { error: { message: 'no such model', code: 'model_not_found' } }, 'model_not_found'],
  ])('looks into the body of %i %o', async (status, body, code) => {
    const headers = { 'content-type': 'application/json' }
    bench.model.script({ kind: 'raw', status, headers, body: JSON.stringify(body) })
    expect(await bench.failure()).toMatchObject({ code, retryable: false })
  })

  it.each<[string, unknown]>([
    ['error as an object', { error: { message: 'tools are switched off' } }],
    ['error as a text', { error: 'tools are switched off' }],
    ['FastAPI', { detail: 'tools are switched off' }],
    ['FastAPI, with fields', { detail: [{ loc: ['body', 'tools'], msg: 'tools are switched off' }] }],
    ['vLLM', { object: 'error', message: 'tools are switched off', type: 'BadRequestError', code: 400 }],
    ['a list', [{ error: { message: 'tools are switched off', status: 'INVALID_ARGUMENT' } }]],
    ['errors', { errors: [{ message: 'tools are switched off' }] }],
    ['JSON within a text', { error: { message: '{"error":{"message":"tools are switched off"}}' } }],
    ['no JSON', 'tools are switched off'],
  ])('shows the words of the server in whatever form: %s', async (_, body) => {
    for (const input of [{}, streamed]) {
      bench.model.script(json(body, 400))
      const failure = await bench.failure({}, input)
      expect(failure.code).toBe('provider_bad_request')
      expect(failure.message).toMatch(/the provider answered 400 \(.*tools are switched off\)\./)
    }
  })

  it.each([
    [500, { error: { message: 'wrong key', code: 401 } }, 'provider_auth', false],
    [400, { error: { message: 'slower', code: '429' } }, 'provider_rate_limited', true],
    [200, { error: { message: 'busy', code: 503 } }, 'provider_unavailable', true],
  ])('goes by a status within the error: %i %o', async (status, body, code, retryable) => {
    bench.model.script(json(body, status))
    expect(await bench.failure()).toMatchObject({ code, retryable })
  })

  it('is a step of each attempt, and answers no call of the next', async () => {
    const store = new Map<string, string>()
    bench.model.script(fail(500, `no ${MODEL_KEY}`), fail(429, 'slower'), say('Fine.'))
    for (const attempt of [1, 2]) {
      const journal = createMemoryJournal({ store })
      await bench.failure({}, { journal, trace: { attempt, parent: undefined } })
    }
    const journal = createMemoryJournal({ store })
    const { result } = await bench.run({}, { journal, trace: { attempt: 3, parent: undefined } })
    expect(result.answer).toBe('Fine.')
    expect(journal.rows().map(({ key }) => key)).toEqual(['model/0/failed/1', 'model/0/failed/2', 'model/0'])
    const received = { status: 500, body: expect.stringContaining('no [redacted]') }
    expect(journal.row('model/0/failed/1')?.output).toMatchObject({ received })
  })

  it.each([400, 500, 503])('says that the prompt is too long, whatever the status: %i', async (status) => {
    bench.model.script(fail(status, 'litellm.ContextWindowExceededError: too long'))
    expect(await bench.failure()).toMatchObject({ code: 'context_too_long', retryable: false })
    expect(bench.model.requests).toHaveLength(1)
  })

  it('keeps words that hold a placeholder for a key', async () => {
    const models = createModels({ local: { baseUrl: bench.model.url, apiKey: 'ollama' } })
    const run = createAgentRunner({ models, buildTools: () => [] })
    bench.model.script(fail(400, 'registry.ollama.ai/library/m cannot use tools'))
    const message = expect.stringContaining('(registry.ollama.ai/library/m cannot use tools)')
    await expect(run(bench.input())).rejects.toMatchObject({ message })
    await models.close()
  })

  it('says that a base URL may be wrong', async () => {
    bench.model.script(html(404))
    const failure = await bench.failure()
    expect(failure.code).toBe('model_not_found')
    expect(failure.message).toContain('base URL')
  })

  it('does not wait for a quota that is spent', async () => {
    const body = JSON.stringify({ error: { message: 'You exceeded your quota', code: 'insufficient_quota' } })
    bench.model.script({ kind: 'raw', status: 429, headers: { 'content-type': 'application/json' }, body })
    expect(await bench.failure()).toMatchObject({ code: 'provider_quota_exceeded', retryable: false })
  })

  it('shows the provider’s words, shortened, without the key', async () => {
    bench.model.script(fail(401, `The key ${MODEL_KEY} is wrong. ${'Sorry! '.repeat(200)}`))
    const { message } = await bench.failure()
    expect(message).toContain('401')
    expect(message).toContain('The key [redacted] is wrong.')
    expect(message).toContain('Set a valid key')
    expect(message).not.toContain(MODEL_KEY)
    expect(message.length).toBeLessThan(800)
  })

  it('names the address of a server that is not there', async () => {
    const gone = await startModelServer()
    await gone.stop()
    const models = createModels({ local: { baseUrl: gone.url } })
    const run = createAgentRunner({ models, buildTools: () => [] })
    const failure = run({
      task: { id: 't', createdAt: new Date(), senderTrusted: true },
      agent: {
        id: 'a',
        revision: 1,
        config: AgentConfig.parse({
          name: 'n',
          instructions: '',
          model: 'local/x',
          retry: { max_attempts: 1 },
        }),
      },
      payload: { question: 'Hello?' },
      request: { method: 'POST', headers: {}, query: {} },
      journal: createMemoryJournal(),
      signal: new AbortController().signal,
      deadline: Date.now() + 10_000,
    })
    await expect(failure).rejects.toMatchObject({
      code: 'provider_unavailable',
      retryable: true,
      message: expect.stringContaining(`${new URL(gone.url).origin} cannot be reached (ECONNREFUSED)`),
    })
    await models.close()
  })
})

it('docs/errors.md says of each class whether it is tried again', () => {
  const rows = readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `(\w+)` +\| (yes|no) +\|/gm)
  const documented = new Map([...rows].map(([, code, tried]) => [code, tried === 'yes']))
  expect(new Set([...documented].filter(([, tried]) => tried).map(([code]) => code))).toEqual(
    new Set(RETRIED),
  )
  for (const code of documented.keys()) expect(isErrorCode(code ?? '')).toBe(true)
})

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')

  it.each([
    [undefined, undefined],
    [{}, undefined],
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '20.4' }, 21],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:05 GMT' }, 5_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-3' }, 0],
  ])('%o', (headers, expected) => {
    // A negative number reads as a date long past.
    expect(parseRetryAfter(headers, now)).toBe(expected)
  })
})
