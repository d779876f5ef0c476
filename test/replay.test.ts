import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentApp, type AgentApp } from './harness/agentApp.ts'
import type { Reply, TestApp } from './harness/api.ts'
import { callTools, fail, say, type ModelServer } from './harness/modelServer.ts'
import type { ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let bench: AgentApp
let model: ModelServer
let tools: ToolServer
let app: TestApp

beforeAll(async () => {
  bench = await startAgentApp()
  ;({ app, model, tools } = bench)
})

beforeEach(() => {
  bench.reset()
  tools.handle(({ path }) => ({ body: { path } }))
  model.handle(pay)
})

afterAll(() => bench?.stop())

type Handler = Parameters<ModelServer['handle']>[0]

/** Looks up an account, then pays, then answers: the same turns for every task. */
const pay: Handler = ({ body }) => {
  const turn = body.messages.filter(({ role }) => role === 'assistant').length
  if (turn === 0) return callTools([{ name: 'look', arguments: { account: 'a1' } }])
  if (turn === 1) return callTools([{ name: 'pay', arguments: { to: 'a1', sum: 10 } }])
  return say('Paid.')
}

/** The same, with a key that the provider rejects from some turn on. */
function withDeadKey(from: number): Handler {
  return (request, index) => {
    const turn = request.body.messages.filter(({ role }) => role === 'assistant').length
    return turn >= from ? fail(401, 'Incorrect API key provided.') : pay(request, index)
  }
}

function agentWith(config: Record<string, unknown> = {}, payTool: Record<string, unknown> = {}) {
  return app.createAgent({
    model: 'local/test',
    tools: [
      {
        type: 'http',
        name: 'look',
        description: 'Looks at an account.',
        url: `${tools.url}/accounts/{{ account }}`,
        access: 'read',
        parameters: { type: 'object', properties: { account: { type: 'string' } } },
      },
      {
        type: 'http',
        name: 'pay',
        description: 'Pays.',
        method: 'POST',
        url: `${tools.url}/payments`,
        access: 'write',
        parameters: {
          type: 'object',
          properties: { to: { type: 'string' }, sum: { type: 'integer' } },
        },
        ...payTool,
      },
    ],
    ...config,
  })
}

async function trigger(url: string, payload: unknown = { question: 'Pay my bill.' }): Promise<string> {
  const { status, body } = await app.call('POST', url, payload)
  expect(status).toBe(200)
  return body.task_id
}

const read = async (id: string) => (await app.call('GET', `/api/tasks/${id}`)).body

function reach(id: string, state: string) {
  return waitFor(
    async () => {
      const task = await read(id)
      return task.state === state ? task : undefined
    },
    { what: `task ${id} in state ${state}` },
  )
}

async function run(url: string, state: string, payload?: unknown) {
  return reach(await trigger(url, payload), state)
}

function replay(id: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  return app.call('POST', `/api/tasks/${id}/replay`, body, headers)
}

async function replayed(id: string, body: unknown, state: string) {
  const reply = await replay(id, body)
  expect(reply.body).toMatchObject({ success: true, replay_of: id })
  expect(reply.status).toBe(200)
  return reach(reply.body.task_id, state)
}

const calls = (path: string): number => tools.requests.filter((request) => request.path === path).length
const payments = (): number => calls('/payments')

describe('a night with an invalid key', () => {
  it('is repaired by one call: nothing is paid for or written twice', async () => {
    const { id: agentId, url } = await agentWith()
    model.handle(withDeadKey(2))
    const failed = await Promise.all(
      Array.from({ length: 5 }, () => run(url, 'FAILURE', { question: 'Pay my bill.' })),
    )
    expect(failed.map(({ error }) => error.code)).toEqual(Array(5).fill('provider_auth'))
    expect([payments(), calls('/accounts/a1')]).toEqual([5, 5])
    const requests = model.requests.length
    const usage = async () => (await app.call('GET', `/api/usage?agent_id=${agentId}`)).body.total
    const before = await usage()

    model.handle(pay)
    const filter = { error_code: 'provider_auth', agent_id: agentId }
    const { status, body } = await app.call('POST', '/api/tasks/replay', { filter })
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, skipped: [], more: false })
    expect(body.task_ids).toHaveLength(5)

    for (const [index, id] of body.task_ids.entries()) {
      const task = await reach(id, 'SUCCESS')
      const old = failed.toSorted((a, b) => (a.id < b.id ? -1 : 1))[index]
      expect(task).toMatchObject({
        replay_of: old.id,
        origin: 'replay',
        replay: { writes: 'continue', draft: false },
        result: { answer: 'Paid.' },
        payload: old.payload,
        request: old.request,
        webhook_id: old.webhook_id,
        revision: old.revision,
        usage: { model_calls: 1 },
      })
      expect(
        task.steps.map((step: { key: string; attempt: number }) => [step.key.slice(0, 7), step.attempt]),
      ).toEqual([
        ['model/0', 0],
        ['tool/0/', 0],
        ['model/1', 0],
        ['tool/1/', 0],
        ['model/2', 1],
      ])
      // The old one is unchanged, and links to the new one.
      // The keys of its own links expire later each second.
      expect(await read(old.id)).toEqual({ ...old, links: expect.anything(), replays: [id], replayed: true })
    }
    expect([payments(), calls('/accounts/a1')]).toEqual([5, 5])
    expect(model.requests.length - requests).toBe(5)
    expect((await usage()).model_calls - before.model_calls).toBe(5)

    const again = await app.call('POST', '/api/tasks/replay', { filter })
    expect(again.body).toEqual({ success: true, task_ids: [], skipped: [], more: false })
  })

  it('replays each task once, however often the request is repeated with its key', async () => {
    const { id: agentId, url } = await agentWith()
    model.handle(withDeadKey(0))
    const ids = (await Promise.all([1, 2, 3, 4].map(() => run(url, 'FAILURE')))).map(({ id }) => id)
    const body = { filter: { agent_id: agentId } }
    const send = (limit: number) =>
      app.call('POST', '/api/tasks/replay', { ...body, limit }, { 'idempotency-key': 'night' })
    const answers = await Promise.all([send(1000), send(1000), send(1000)])
    const lists = answers.map(({ body: { task_ids } }) => task_ids)
    const made = new Set(lists.flat())
    expect(made.size).toBe(4)
    for (const id of made) await reach(String(id), 'FAILURE')
    // They have failed, too: only a new request replays them.
    const repeated = await send(1000)
    expect(new Set(repeated.body.task_ids)).toEqual(made)
    for (const id of ids) expect((await read(id)).replays).toHaveLength(1)

    model.handle(pay)
    const next = await app.call('POST', '/api/tasks/replay', { ...body, limit: 3 })
    expect(next.body).toMatchObject({ more: true })
    expect(next.body.task_ids).toHaveLength(3)
    const rest = await app.call('POST', '/api/tasks/replay', body)
    expect(rest.body).toMatchObject({ more: false })
    expect(rest.body.task_ids).toHaveLength(1)
    for (const id of [...next.body.task_ids, ...rest.body.task_ids]) await reach(id, 'SUCCESS')
    expect(payments()).toBe(4)
  })

  it('selects what the filter matches, and nothing else', async () => {
    const { id: agentId, url } = await agentWith()
    const ok = await run(url, 'SUCCESS')
    model.handle(withDeadKey(0))
    const early = await run(url, 'FAILURE')
    const late = await run(url, 'FAILURE')
    const filters = [
      { filter: { agent_id: agentId, until: early.created_at }, finds: [] },
      { filter: { agent_id: agentId, error_code: 'timed_out' }, finds: [] },
      { filter: { agent_id: agentId, webhook_id: '00000000-0000-7000-8000-000000000000' }, finds: [] },
      {
        filter: { agent_id: agentId, webhook_id: late.webhook_id, since: late.created_at },
        finds: [late.id],
      },
      { filter: { agent_id: agentId, state: ['SUCCESS', 'CANCELLED'] }, finds: [ok.id] },
      { filter: { agent_id: agentId, until: late.created_at }, finds: [early.id] },
    ]
    for (const { filter, finds } of filters) {
      const { body } = await app.call('POST', '/api/tasks/replay', { filter })
      const of = await Promise.all(body.task_ids.map(async (id: string) => (await read(id)).replay_of))
      expect(of, JSON.stringify(filter)).toEqual(finds)
    }
  })
})

describe('continue', () => {
  it('continues from the call that failed, with the same Idempotency-Keys', async () => {
    const { url } = await agentWith({}, { idempotent: true })
    model.handle(withDeadKey(2))
    const old = await run(url, 'FAILURE')
    const sent = model.requests.at(-1)?.body.messages
    model.handle(pay)
    const task = await replayed(old.id, {}, 'SUCCESS')
    // The model sees the same prompt, including the delimiters.
    expect(model.requests.at(-1)?.body.messages).toEqual(sent)
    expect(task.steps.filter(({ kind }: { kind: string }) => kind === 'tool')).toEqual(
      old.steps
        .filter(({ kind }: { kind: string }) => kind === 'tool')
        .map((step: object) => ({ ...step, attempt: 0 })),
    )
    const whole = await app.call('GET', `/api/tasks/${task.id}/steps/model%2F2`)
    expect(whole.body).toMatchObject({ input_source: 'replayed' })
  })

  it('continues from where the run last stopped', async () => {
    const { url } = await agentWith()
    model.handle(withDeadKey(1))
    const old = await run(url, 'FAILURE', { order: 7 })
    model.handle(withDeadKey(2))
    const second = await replayed(old.id, {}, 'FAILURE')
    expect(payments()).toBe(1)
    model.handle(pay)
    // The first one again, although the second has paid in the meantime.
    const third = await replayed(old.id, {}, 'SUCCESS')
    expect(payments()).toBe(1)
    expect(third).toMatchObject({ replay_of: old.id, usage: { model_calls: 1 } })
    // Everything is recorded by now.
    const requests = model.requests.length
    const fourth = await replayed(second.id, {}, 'SUCCESS')
    expect(fourth.result).toEqual(third.result)
    expect([payments(), model.requests.length - requests]).toEqual([1, 0])
    expect(fourth.usage).toMatchObject({ model_calls: 0, cost_usd: '0' })
    const { body } = await app.call('GET', `/api/tasks/${old.id}`)
    expect(body.replays).toEqual([third.id, second.id])
  })

  it('is possible for one task at a time', async () => {
    const { url } = await agentWith()
    model.handle(withDeadKey(0))
    const old = await run(url, 'FAILURE')
    model.handle(async (request, index) => ({ ...(await pay(request, index)), delayMs: 1_000 }))
    const replies = await Promise.all([replay(old.id), replay(old.id), replay(old.id)])
    const made = replies.filter(({ status }) => status === 200)
    expect(made).toHaveLength(1)
    for (const { status, body } of replies.filter(({ status }) => status !== 200)) {
      expect(status).toBe(409)
      expect(body).toMatchObject({ code: 'conflict', task_id: made[0]?.body.task_id })
    }
    await app.call('POST', `/api/tasks/${made[0]?.body.task_id}/cancel`)
    await reach(made[0]?.body.task_id, 'CANCELLED')
    model.handle(pay)
    await replayed(old.id, {}, 'SUCCESS')
    expect(payments()).toBe(1)
  })

  it('returns the same task to a repeated request', async () => {
    const { url } = await agentWith()
    model.handle(withDeadKey(0))
    const old = await run(url, 'FAILURE')
    model.handle(pay)
    const send = () => replay(old.id, { writes: 'continue' }, { 'idempotency-key': '"once"' })
    const replies = await Promise.all([send(), send(), send()])
    expect(new Set(replies.map(({ body }) => body.task_id)).size).toBe(1)
    expect(replies.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(2)
    await reach(replies[0]?.body.task_id, 'SUCCESS')
    expect(payments()).toBe(1)
  })

  it('calls the model again if its answer caused the failure', async () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] }
    const { url } = await agentWith({ output_schema: schema })
    model.handle((request, index) => {
      const paid = request.body.messages.some(({ content }) => JSON.stringify(content).includes('/payments'))
      return paid ? say('{"ok":"perhaps"}') : pay(request, index)
    })
    const old = await run(url, 'FAILURE')
    expect(old.error.code).toBe('output_invalid')
    model.handle(() => say('{"ok":true}'))
    const task = await replayed(old.id, {}, 'SUCCESS')
    expect(task).toMatchObject({ result: { output: { ok: true } }, usage: { model_calls: 1 } })
    expect(payments()).toBe(1)
  })

  it('keeps what a person has decided', async () => {
    const { url } = await agentWith({}, { approval: 'always' })
    const id = await trigger(url)
    const waiting = await reach(id, 'WAITING')
    model.handle(withDeadKey(2))
    await app.call('POST', `/api/approvals/${waiting.approvals[0].id}/approve`, {
      arguments: { to: 'a1', sum: 4 },
    })
    const old = await reach(id, 'FAILURE')
    model.handle(pay)
    const task = await replayed(old.id, {}, 'SUCCESS')
    expect(payments()).toBe(1)
    expect(tools.requests.at(-1)?.body).toContain('4')
    expect(task.approvals).toEqual([])
  })

  it('of a cancelled task asks again about an undecided call', async () => {
    const { url } = await agentWith({}, { approval: 'always' })
    const id = await trigger(url)
    await reach(id, 'WAITING')
    await app.call('POST', `/api/tasks/${id}/cancel`)
    const task = await replayed(id, {}, 'WAITING')
    expect(task.approvals).toMatchObject([{ state: 'waiting', tool: 'pay' }])
    await app.call('POST', `/api/approvals/${task.approvals[0].id}/approve`, {})
    await reach(task.id, 'SUCCESS')
    expect(payments()).toBe(1)
  })
})

describe('recorded', () => {
  it('is the default for a successful task: reads are real, writes are answered from the record', async () => {
    const { url } = await agentWith({}, { approval: 'always' })
    const id = await trigger(url)
    const waiting = await reach(id, 'WAITING')
    await app.call('POST', `/api/approvals/${waiting.approvals[0].id}/approve`, {})
    const old = await reach(id, 'SUCCESS')
    const task = await replayed(old.id, undefined, 'SUCCESS')
    expect(task.replay).toEqual({ writes: 'recorded', draft: false })
    expect([payments(), calls('/accounts/a1')]).toEqual([1, 2])
    expect(task.result.tool_calls).toEqual(old.result.tool_calls)
    const [, paid] = task.steps.filter(({ kind }: { kind: string }) => kind === 'tool')
    expect(paid.output).toMatchObject({ recorded: true })
    // A replay of the replay has the same record.
    const third = await replayed(task.id, {}, 'SUCCESS')
    expect(third.result.tool_calls).toEqual(old.result.tool_calls)
    expect(payments()).toBe(1)
  })

  it('makes no write that is not in the record, and tells the model', async () => {
    const { id: agentId, url } = await agentWith()
    const old = await run(url, 'SUCCESS')
    await app.call('PATCH', `/api/agents/${agentId}`, { instructions: 'Pay twice.' })
    model.handle(({ body }) => {
      const turn = body.messages.filter(({ role }) => role === 'assistant').length
      if (turn === 0) {
        return callTools([
          { name: 'pay', arguments: { sum: 10, to: 'a1' } },
          { name: 'pay', arguments: { to: 'a1', sum: 10 } },
          { name: 'pay', arguments: { to: 'a2', sum: 10 } },
        ])
      }
      return say('Done.')
    })
    const task = await replayed(old.id, { revision: 'latest' }, 'SUCCESS')
    expect(task).toMatchObject({ revision: 2, replay: { writes: 'recorded' } })
    expect(payments()).toBe(1)
    const outcomes = task.result.tool_calls.map(({ error }: { error?: string }) => error ?? 'answered')
    expect(outcomes.toSorted()).toEqual([
      expect.stringContaining('The call was not made'),
      expect.stringContaining('The call was not made'),
      'answered',
    ])
  })

  it('stays recorded when it is continued', async () => {
    const { url } = await agentWith()
    const old = await run(url, 'SUCCESS')
    model.handle(withDeadKey(1))
    const broken = await replayed(old.id, {}, 'FAILURE')
    model.handle(pay)
    const task = await replayed(broken.id, {}, 'SUCCESS')
    expect(task.replay.writes).toBe('continue')
    expect(payments()).toBe(1)
  })

  it('runs an unsaved draft', async () => {
    const { id: agentId, url } = await agentWith()
    const old = await run(url, 'SUCCESS')
    for (const revision of [{ draft: { instructions: 'Be rude.' } }, { instructions: 'Be rude.' }]) {
      const task = await replayed(old.id, { revision }, 'SUCCESS')
      expect(task.replay).toEqual({ writes: 'recorded', draft: true })
      expect(JSON.stringify(model.requests.at(-1)?.body.messages)).toContain('Be rude.')
      const whole = await app.call('GET', `/api/tasks/${task.id}/steps/model%2F0`)
      expect(whole.body).toMatchObject({ input_source: 'replayed', input: { system: 'Be rude.' } })
    }
    expect((await app.call('GET', `/api/agents/${agentId}`)).body).toMatchObject({ revision: 1 })
    expect(payments()).toBe(1)
    const bad = await replay(old.id, { revision: { draft: { model: 'nobody/nothing' } } })
    expect(bad).toMatchObject({ status: 422, body: { errors: [{ pointer: '/revision/draft/model' }] } })
    const many = await app.call('POST', '/api/tasks/replay', {
      filter: {},
      revision: { draft: { instructions: 'x' } },
    })
    expect(many).toMatchObject({ status: 422, body: { errors: [{ pointer: '/filter/agent_id' }] } })
  })
})

describe('live', () => {
  it('makes every call again, with new keys', async () => {
    const { url } = await agentWith({}, { idempotent: true })
    const old = await run(url, 'SUCCESS')
    const task = await replayed(old.id, { writes: 'live' }, 'SUCCESS')
    expect(task.replay.writes).toBe('live')
    expect(payments()).toBe(2)
    expect(tools.perKey().size).toBe(4)
  })
})

describe('a comparison', () => {
  const compare = (one: string, other: string) => app.call('GET', `/api/tasks/${one}/compare/${other}`)

  it('shows a run and its replay side by side, and what differs', async () => {
    const { id: agentId, url } = await agentWith()
    const old = await run(url, 'SUCCESS')
    const same = await replayed(old.id, {}, 'SUCCESS')
    const equal = await compare(old.id, same.id)
    expect(equal.status).toBe(200)
    expect(equal.body).toMatchObject({
      left: { id: old.id, state: 'SUCCESS', answer: 'Paid.', steps: 5, usage: { model_calls: 3 } },
      right: { id: same.id, replay_of: old.id, answer: 'Paid.', duration_ms: expect.any(Number) },
      differs: [],
    })
    expect(equal.body.steps.map(({ differs }: { differs: unknown }) => differs)).toEqual([[], [], [], [], []])

    await app.call('PATCH', `/api/agents/${agentId}`, { instructions: 'Look at nothing.' })
    model.handle(({ body }) =>
      body.messages.some(({ role }) => role === 'tool')
        ? say('Paid less.')
        : callTools([{ name: 'pay', arguments: { to: 'a1', sum: 9 } }]),
    )
    const other = await replayed(old.id, { revision: 'latest' }, 'SUCCESS')
    const { body } = await compare(old.id, other.id)
    expect(body.differs).toEqual(['answer', 'steps'])
    const rows = body.steps.map(
      ({ kind, differs, left, right }: Record<string, { name: string } | null>) =>
        [kind, left?.name, right?.name, differs] as const,
    )
    expect(rows).toEqual([
      ['model', 'local/test', 'local/test', ['output']],
      ['tool', 'look', undefined, null],
      ['model', 'local/test', undefined, null],
      ['tool', 'pay', 'pay', ['state', 'input', 'output']],
      ['model', 'local/test', 'local/test', ['output']],
    ])
  })

  it('accepts tasks in any state, and only known ones', async () => {
    const { url } = await agentWith()
    const old = await run(url, 'SUCCESS')
    model.handle(withDeadKey(0))
    const failed = await run(url, 'FAILURE', { question: 'Another?' })
    const { body } = await compare(old.id, failed.id)
    expect(body.differs).toEqual(['payload', 'state', 'error', 'answer', 'steps'])
    for (const [one, two] of [
      [old.id, 'nonsense'],
      ['00000000-0000-7000-8000-000000000000', old.id],
    ]) {
      expect(await compare(one, two)).toMatchObject({ status: 404, body: { code: 'task_not_found' } })
    }
  })
})

describe('an impossible replay', () => {
  it('is refused with a reason', async () => {
    const { url } = await agentWith({}, { approval: 'always' })
    const waiting = await run(url, 'WAITING')
    expect(await replay(waiting.id)).toMatchObject({
      status: 409,
      body: { code: 'conflict', detail: expect.stringContaining('has not ended') },
    })
    expect(await replay('nonsense')).toMatchObject({ status: 404, body: { code: 'task_not_found' } })
    expect(await replay(waiting.id, { writes: 'twice' })).toMatchObject({ status: 422 })
    expect(await app.call('POST', '/api/tasks/replay', { filter: { state: 'STARTED' } })).toMatchObject({
      status: 422,
    })
  })

  it('is that of a deleted agent', async () => {
    const { id, url } = await agentWith()
    const old = await run(url, 'SUCCESS')
    await app.call('DELETE', `/api/agents/${id}`)
    expect(await replay(old.id)).toMatchObject({
      status: 409,
      body: { code: 'agent_not_found', detail: expect.stringContaining('was deleted') },
    })
    const many = await app.call('POST', '/api/tasks/replay', { filter: { agent_id: id, state: 'SUCCESS' } })
    expect(many.body).toMatchObject({ task_ids: [], skipped: [{ task_id: old.id, code: 'agent_not_found' }] })
  })

  it('is that of a revision whose model is gone; the latest one helps', async () => {
    const { id, url } = await agentWith()
    model.handle(withDeadKey(2))
    const old = await run(url, 'FAILURE')
    await app.call('PATCH', `/api/agents/${id}`, { description: 'Another.' })
    await app.database.db.pool.query(
      `update bellwire.agent_revisions set config = jsonb_set(config::jsonb, '{model}', '"openai/gone"')::json
        where agent_id = $1 and revision = 1`,
      [id],
    )
    expect(await replay(old.id)).toMatchObject({
      status: 409,
      body: { code: 'provider_not_configured', detail: expect.stringContaining('OPENAI_API_KEY') },
    })
    model.handle(pay)
    const task = await replayed(old.id, { revision: 'latest', writes: 'continue' }, 'SUCCESS')
    expect(task.revision).toBe(2)
    expect(payments()).toBe(1)
  })

  it('waits if the budget is used up', async () => {
    const { id, url } = await agentWith()
    model.handle(withDeadKey(2))
    const old = await run(url, 'FAILURE')
    await app.call('PATCH', `/api/agents/${id}`, { budget: { max_tokens_per_day: 1 } })
    model.handle(pay)
    const { body } = await replay(old.id)
    const held = await waitFor(async () => {
      const task = await read(body.task_id)
      return task.held ? task : undefined
    })
    expect(held).toMatchObject({ state: 'PENDING', held: { reason: 'budget_exhausted', scope: 'agent' } })
    await app.call('PATCH', `/api/agents/${id}`, { budget: null })
    await reach(body.task_id, 'SUCCESS')
    expect(payments()).toBe(1)
  })
})
