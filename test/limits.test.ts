import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { callTools, fail, hang, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let app: TestApp

beforeAll(async () => {
  model = await startModelServer()
  app = await startTestApp({ LOCAL_MODEL_BASE_URL: model.url })
})

beforeEach(() => model.reset())

afterAll(async () => {
  await app?.stop()
  await model?.stop()
})

const agentOf = (more: object) => app.createAgent({ model: 'local/test-model', ...more })

async function trigger(url: string, body: object = { question: 'How are you?' }): Promise<string> {
  const { status, body: answer } = await app.call('POST', url, body)
  expect(status).toBe(200)
  return answer.task_id
}

async function task(id: string) {
  return (await app.call('GET', `/api/tasks/${id}`)).body
}

function ended(id: string, deadlineMs = 15_000) {
  return waitFor(
    async () => {
      const found = await task(id)
      return found.finished_at !== null && found
    },
    { deadlineMs, what: 'the end of the task' },
  )
}

describe('a run that reaches a limit', () => {
  it("fails with the limit's code, and keeps its partial result", async () => {
    const { url } = await agentOf({
      tools: [{ type: 'builtin', name: 'current_time' }],
      limits: { max_total_tokens: 500 },
    })
    model.handle(() =>
      callTools([{ name: 'current_time', arguments: {} }], {
        text: 'Let me see.',
        reasoning: 'A clock would help.',
        usage: { input: 200, output: 20 },
      }),
    )
    const id = await trigger(url)
    const found = await ended(id)
    expect(found).toMatchObject({
      state: 'FAILURE',
      error: { code: 'token_limit' },
      result: null,
      usage: { model_calls: 3, input_tokens: 600, output_tokens: 60, cost_usd: null },
      partial: {
        answer: 'Let me see.',
        thought: Array(3).fill('A clock would help.').join('\n\n'),
        tool_calls: [
          { name: 'current_time', result: { utc: expect.any(String) } },
          { name: 'current_time', result: { utc: expect.any(String) } },
        ],
      },
    })
    expect(found.steps.map((step: { kind: string; duration_ms: number }) => step.kind)).toEqual([
      'model',
      'tool',
      'model',
      'tool',
      'model',
    ])
    for (const step of found.steps) expect(step.duration_ms).toBeGreaterThanOrEqual(0)
    const status = await app.call('GET', `/api/task_status?task_id=${id}`)
    expect(status.body).toMatchObject({ status: 'FAILURE', result: { error: { code: 'token_limit' } } })
  })

  it('is retried after a slow model, and repeats nothing', async () => {
    const { url } = await agentOf({
      tools: [{ type: 'builtin', name: 'current_time' }],
      limits: { step_timeout_seconds: 0.5 },
    })
    model.script(callTools([{ name: 'current_time', arguments: {} }]), hang(), say('It is late.'))
    const found = await ended(await trigger(url))
    expect(found).toMatchObject({
      state: 'SUCCESS',
      attempt: 2,
      result: { answer: 'It is late.' },
      attempts: [{ outcome: 'retry', error: { code: 'model_timed_out' } }, { outcome: 'succeeded' }],
    })
    expect(model.requests).toHaveLength(3)
  })

  it('cannot loop: it fails for good, with the error of every attempt', async () => {
    const { url } = await agentOf({ retry: { max_attempts: 2 } })
    model.handle((_request, index) => fail(503, `broken ${index}`))
    const found = await ended(await trigger(url))
    expect(found).toMatchObject({ state: 'FAILURE', failures: 2, error: { code: 'provider_unavailable' } })
    expect(found.attempts).toMatchObject([
      { attempt: 1, outcome: 'retry', error: { message: expect.stringContaining('broken 0') } },
      { attempt: 2, outcome: 'failed', error: { message: expect.stringContaining('broken 1') } },
    ])
    expect(model.requests).toHaveLength(2)
  })

  it('has its cost calculated with a custom price', async () => {
    const priced = 'local/priced'
    const path = `/api/prices/${encodeURIComponent(priced)}`
    const refused = await app.call('POST', '/api/agents', {
      name: 'Costly',
      instructions: '',
      model: priced,
      limits: { max_cost_usd: 0.001 },
    })
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([{ pointer: '/limits/max_cost_usd' }])

    const price = { input: 2, output: 10 }
    expect((await app.call('PUT', path, price)).body).toMatchObject({
      model: priced,
      ...price,
      source: 'custom',
    })
    const { id, url } = await app.createAgent({ model: priced, limits: { max_cost_usd: 0.001 } })
    model.script(
      say('Cheap.', { usage: { input: 100, output: 10 } }),
      say('Dear.', { usage: { input: 500, output: 10 } }),
    )
    expect(await ended(await trigger(url))).toMatchObject({
      state: 'SUCCESS',
      usage: { cost_usd: '0.0003' },
      steps: [{ usage: { cost_usd: '0.0003' } }],
    })
    expect(await ended(await trigger(url))).toMatchObject({
      state: 'FAILURE',
      error: { code: 'cost_limit' },
      usage: { cost_usd: '0.0011' },
      partial: { answer: 'Dear.' },
    })

    const report = await app.call('GET', `/api/usage?group_by=model&agent_id=${id}`)
    expect(report.body).toMatchObject({
      data: [{ model: priced, runs: 2, model_calls: 2, cost_usd: '0.0014', unpriced_model_calls: 0 }],
      total: { input_tokens: 600, output_tokens: 20, cost_usd: '0.0014' },
    })
    expect((await app.call('DELETE', path)).status).toBe(204)
    expect((await app.call('DELETE', path)).body).toMatchObject({ code: 'price_not_found' })
    const list = (await app.call('GET', '/api/prices')).body.data
    expect(list.map((one: { model: string }) => one.model)).not.toContain(priced)
    expect(list).toContainEqual({
      model: 'demo/assistant',
      input: 0,
      cached_input: 0,
      output: 0,
      source: 'built_in',
      updated_at: null,
    })
  })
})

describe('a budget', () => {
  async function isHeld(id: string) {
    return waitFor(async () => (await task(id)).held, { what: 'the task to be held' })
  }

  it('holds tasks until the agent may use more; they then start within seconds', async () => {
    const { id, url } = await agentOf({ budget: { max_tokens_per_day: 10 } })
    model.handle(() => say('Fine.', { usage: { input: 10, output: 5 } }))
    await ended(await trigger(url))
    const waiting = await trigger(url)
    expect(await isHeld(waiting)).toMatchObject({ reason: 'budget_exhausted', scope: 'agent' })
    const listed = await app.call('GET', `/api/tasks?state=PENDING&agent_id=${id}`)
    expect(listed.body.data).toMatchObject([{ id: waiting, held: { reason: 'budget_exhausted' } }])
    const status = await app.call('GET', `/api/task_status?task_id=${waiting}`)
    expect(status.body).toEqual({ status: 'PENDING', result: null })

    expect(
      (await app.call('PATCH', `/api/agents/${id}`, { budget: { max_tokens_per_day: 100 } })).status,
    ).toBe(200)
    const raised = Date.now()
    expect(await ended(waiting)).toMatchObject({ state: 'SUCCESS', held: null })
    expect(Date.now() - raised).toBeLessThan(5_000)
  })

  it('of the instance holds the tasks of all agents', async () => {
    model.handle(() => say('Fine.', { usage: { input: 10, output: 5 } }))
    const [one, other] = [await agentOf({}), await agentOf({})]
    await ended(await trigger(one.url))
    const set = await app.call('PUT', '/api/budget', { max_tokens_per_day: 1 })
    expect(set.body).toMatchObject({ max_tokens_per_day: 1, used: { tokens: expect.any(Number) } })
    try {
      const held = [await trigger(one.url), await trigger(other.url)]
      for (const id of held) expect(await isHeld(id)).toMatchObject({ scope: 'instance' })
      expect((await app.call('PUT', '/api/budget', {})).body).not.toHaveProperty('max_tokens_per_day')
      for (const id of held) expect((await ended(id, 5_000)).state).toBe('SUCCESS')
    } finally {
      await app.call('PUT', '/api/budget', {})
    }
  })

  it('is validated like all input', async () => {
    expect((await app.call('PUT', '/api/budget', { max_tokens_per_day: 0 })).status).toBe(422)
    expect((await app.call('PUT', '/api/budget', { max_tokens: 1 })).status).toBe(422)
    expect((await app.call('GET', '/api/usage?from=yesterday')).status).toBe(422)
    expect((await app.call('GET', '/api/usage?agent_id=nobody')).status).toBe(404)
    expect((await app.call('PUT', '/api/prices/local%2Fx', { input: -1, output: 1 })).status).toBe(422)
    expect((await app.call('PUT', '/api/prices/nonsense', { input: 1, output: 1 })).status).toBe(422)
    for (const path of ['/api/usage', '/api/budget', '/api/prices']) {
      expect((await app.call('GET', path, undefined, { authorization: '' })).status).toBe(401)
    }
  })
})
