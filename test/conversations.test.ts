import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentApp, type AgentApp } from './harness/agentApp.ts'
import type { TestApp } from './harness/api.ts'
import { callTools, fail, say, userText, type ChatRequest, type ModelServer } from './harness/modelServer.ts'
import type { ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let bench: AgentApp
let model: ModelServer
let tools: ToolServer
let app: TestApp
let second: { url: string; stop(): Promise<void> }

beforeAll(async () => {
  bench = await startAgentApp()
  ;({ app, model, tools } = bench)
  second = await app.startFrontDoor()
}, 60_000)
beforeEach(async () => {
  bench.reset()
  await app.startWorker()
})
afterAll(async () => {
  await second?.stop()
  await bench?.stop()
})

type Webhook = { id: string; agentId: string; url: string }

async function createWebhook(
  settings: Record<string, unknown>,
  config: Record<string, unknown> = {},
): Promise<Webhook> {
  const agent = await app.createAgent({ model: 'local/test', message: '{{ payload.text }}', ...config })
  const made = await app.call('POST', `/api/agents/${agent.id}/webhooks`, settings)
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return { id: made.body.id, agentId: agent.id, url: made.body.url }
}

const thread = (whileRunning?: string) => ({
  conversation: {
    key: 'payload.thread',
    ...(whileRunning === undefined ? {} : { while_running: whileRunning }),
  },
})

/** Sends a request; on a crowded machine it is repeated with the same key, as senders do. */
async function send(
  url: string,
  payload: unknown,
  headers: Record<string, string> = { 'idempotency-key': randomUUID() },
) {
  return (await sendRequest(url, payload, headers)).task_id
}

async function sendRequest(
  url: string,
  payload: unknown,
  headers: Record<string, string> = { 'idempotency-key': randomUUID() },
) {
  return waitFor(
    async () => {
      const { status, body } = await app.call('POST', url, payload, headers)
      expect([200, 503], JSON.stringify(body)).toContain(status)
      return status === 200 ? body : undefined
    },
    { deadlineMs: 20_000, what: 'an acknowledgement' },
  )
}

/** The same at the other front door. */
function elsewhere(url: string): string {
  return second.url + new URL(url).pathname
}

const read = async (id: string) => (await app.call('GET', `/api/tasks/${id}`)).body

function reach(id: string, ...states: string[]) {
  return waitFor(
    async () => {
      const task = await read(id)
      return states.includes(task.state) ? task : undefined
    },
    { deadlineMs: 30_000, what: `task ${id} in state ${states.join(' or ')}` },
  )
}

/** Waits until many tasks have ended, with one query at a time, and reads them. */
async function allEnded(ids: readonly string[]) {
  await waitFor(
    async () => {
      const { rowCount } = await app.database.db.pool.query(
        'select from bellwire.tasks where id = any($1::uuid[]) and finished_at is null limit 1',
        [ids],
      )
      return rowCount === 0
    },
    { deadlineMs: 60_000, everyMs: 100, what: `the end of ${ids.length} tasks` },
  )
  return Promise.all(ids.map(read))
}

/** The model call of a step, reconstructed. On a crowded machine the first try may time out. */
function recall(taskId: string, step: number) {
  return waitFor(
    async () => {
      const { body } = await app.call('GET', `/api/tasks/${taskId}/steps/model/${step}`)
      expect(['replayed', 'summary']).toContain(body.input_source)
      return body.input_source === 'replayed' ? body : undefined
    },
    { deadlineMs: 45_000, what: 'the input of a model call' },
  )
}

/** What was sent to the model, without the instructions. */
function saidIn({ messages }: ChatRequest): string[] {
  return messages
    .filter(({ role }) => role !== 'system')
    .map(({ role, content }) => `${role}: ${typeof content === 'string' ? content : JSON.stringify(content)}`)
}

/** Holds every model answer until it is released. */
function holdAnswers() {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  model.handle(async ({ body }) => {
    await promise
    return say(`echo: ${userText(body)}`)
  })
  return { release: () => resolve(undefined) }
}

describe('a conversation at a webhook', () => {
  it('shows each task the turns of the earlier ones', async () => {
    const { url } = await createWebhook(thread())
    const first = await send(url, { thread: 't1', text: 'My name is Ada.' })
    await reach(first, 'SUCCESS')
    const other = await send(url, { thread: 't2', text: 'Hello.' })
    await reach(other, 'SUCCESS')
    const later = await send(url, { thread: 't1', text: 'What is my name?' })
    await reach(later, 'SUCCESS')

    expect(model.requests.map(({ body }) => saidIn(body))).toEqual([
      ['user: My name is Ada.'],
      ['user: Hello.'],
      ['user: My name is Ada.', 'assistant: echo: My name is Ada.', 'user: What is my name?'],
    ])
    const [one, two, three] = await Promise.all([first, other, later].map(read))
    expect(three.conversation_id).toBe(one.conversation_id)
    expect(two.conversation_id).not.toBe(one.conversation_id)
    expect(three.steps.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`)).toEqual([
      'input conversation',
      'model local/test',
    ])
    const listed = await app.call('GET', `/api/tasks?conversation_id=${one.conversation_id}`)
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toEqual([later, first])
    expect((await recall(later, 0)).input.messages).toHaveLength(3)
  }, 60_000)

  it('starts one task at a time, in the order of acceptance, and uses no worker while it waits', async () => {
    const { url } = await createWebhook(thread())
    const held = holdAnswers()
    const ids: string[] = []
    for (const n of [1, 2, 3]) ids.push(await send(url, { thread: 'q', text: `n${n}` }))
    await reach(ids[0] ?? '', 'STARTED')
    expect((await read(ids[1] ?? '')).held).toMatchObject({ reason: 'conversation_busy' })
    expect(model.requests.length).toBeLessThanOrEqual(1)
    held.release()
    for (const id of ids) await reach(id, 'SUCCESS')
    expect(saidIn(model.requests.at(-1)?.body ?? { model: '', messages: [] })).toEqual([
      'user: n1',
      'assistant: echo: n1',
      'user: n2',
      'assistant: echo: n2',
      'user: n3',
    ])
  })

  it('continues after a failed task, and leaves its turn out', async () => {
    const { url } = await createWebhook(thread())
    model.script(fail(401, 'Incorrect API key provided.'))
    const failed = await send(url, { thread: 'f', text: 'first' })
    const next = await send(url, { thread: 'f', text: 'second' })
    await reach(failed, 'FAILURE')
    await reach(next, 'SUCCESS')
    expect(saidIn(model.requests.at(-1)?.body ?? { model: '', messages: [] })).toEqual(['user: second'])

    // A successful replay is a turn.
    const replay = await app.call('POST', `/api/tasks/${failed}/replay`, {})
    await reach(replay.body.task_id, 'SUCCESS')
    const last = await send(url, { thread: 'f', text: 'third' })
    await reach(last, 'SUCCESS')
    expect(saidIn(model.requests.at(-1)?.body ?? { model: '', messages: [] })).toEqual([
      'user: second',
      'assistant: echo: second',
      'user: first',
      'assistant: echo: first',
      'user: third',
    ])
  })

  it('continues after a cancelled task, whether it was running or waiting', async () => {
    const { url } = await createWebhook(thread())
    const held = holdAnswers()
    const [one, two, three] = [
      await send(url, { thread: 'c', text: '1' }),
      await send(url, { thread: 'c', text: '2' }),
      await send(url, { thread: 'c', text: '3' }),
    ]
    await reach(one, 'STARTED')
    await app.call('POST', `/api/tasks/${two}/cancel`)
    await app.call('POST', `/api/tasks/${one}/cancel`)
    await reach(three, 'STARTED')
    held.release()
    await reach(three, 'SUCCESS')
  })

  it('runs in parallel if configured', async () => {
    const { url } = await createWebhook(thread('parallel'))
    const held = holdAnswers()
    const ids = await Promise.all([1, 2, 3].map((n) => send(url, { thread: 'p', text: `${n}` })))
    await Promise.all(ids.map((id) => reach(id, 'STARTED')))
    held.release()
    await Promise.all(ids.map((id) => reach(id, 'SUCCESS')))
  })

  it('keeps the order of held tasks', async () => {
    const { url, id, agentId } = await createWebhook({ ...thread(), hold: true })
    const ids = [await send(url, { thread: 'h', text: '1' }), await send(url, { thread: 'h', text: '2' })]
    expect((await read(ids[1] ?? '')).held).toMatchObject({ reason: 'webhook_hold' })
    const released = await app.call('POST', `/api/webhooks/${id}/held/release`, {})
    expect(released.body.task_ids).toEqual(ids)
    for (const one of ids) await reach(one, 'SUCCESS')
    expect(saidIn(model.requests.at(-1)?.body ?? { model: '', messages: [] })).toHaveLength(3)
    expect(agentId).toBeDefined()
  })

  it('starts tasks without a conversation if the key has no value, with a warning', async () => {
    const { url } = await createWebhook(thread())
    const missing = await read(await send(url, { text: 'no thread' }))
    expect(missing).toMatchObject({
      conversation_id: null,
      warnings: [{ code: 'conversation_key_failed', detail: expect.stringContaining('thread') }],
    })
    const list = await read(await send(url, { thread: [1], text: 'x' }))
    expect(list.warnings[0].detail).toContain('a list')
    const none = await read(await send(url, { thread: null, text: 'x' }))
    expect(none).toMatchObject({ conversation_id: null, warnings: [] })
    const number = await read(await send(url, { thread: 12345678901234567890n.toString(), text: 'x' }))
    expect(number.conversation_id).not.toBeNull()
  })

  it('refuses invalid settings', async () => {
    const agent = await app.createAgent()
    const create = (settings: unknown) => app.call('POST', `/api/agents/${agent.id}/webhooks`, settings)
    expect((await create({ conversation: { key: 'payload.' } })).body.errors[0].pointer).toBe(
      '/conversation/key',
    )
    expect((await create({ conversation: { key: 'payload.a', while_running: 'wait' } })).status).toBe(422)
    expect((await create({ coalesce: { key: 'payload.a', window_seconds: 0 } })).status).toBe(422)
    expect(
      (await create({ coalesce: { key: 'payload.a)', window_seconds: 1 } })).body.errors[0].pointer,
    ).toBe('/coalesce/key')
  })

  it('accepts each request once, even if it is repeated', async () => {
    for (const mode of ['queue', 'append', 'restart']) {
      const { url } = await createWebhook(thread(mode))
      const held = holdAnswers()
      await send(url, { thread: 'd', text: 'first' })
      const key = { 'idempotency-key': 'k1' }
      const answers = await Promise.all(
        [url, elsewhere(url), url, elsewhere(url)].map((one) =>
          app.call('POST', one, { thread: 'd', text: 'second' }, key),
        ),
      )
      expect(new Set(answers.map(({ body }) => body.task_id)).size, mode).toBe(1)
      expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(3)
      held.release()
      await reach(answers[0]?.body.task_id, 'SUCCESS')
      const sent = model.requests.at(-1)?.body.messages.map(({ content }) => String(content)) ?? []
      expect(sent.join('\n').split('second').length - 1, mode).toBe(1)
    }
  })
})

describe('long conversations', () => {
  it('summarises older turns once, in a separate step', async () => {
    const { url } = await createWebhook(thread(), { limits: { max_conversation_tokens: 200 } })
    model.handle(({ body }) =>
      userText(body).includes('Write the summary')
        ? say('SUMMARY', { usage: { input: 100, output: 10 } })
        : say('x'.repeat(100)),
    )
    const isSummary = ({ body }: { body: ChatRequest }): boolean =>
      userText(body).includes('Write the summary')
    const ids: string[] = []
    for (let n = 0; n < 12; n += 1) {
      const id = await send(url, { thread: 's', text: `turn ${n} ${'y'.repeat(60)}` })
      ids.push(id)
      await reach(id, 'SUCCESS')
    }
    const summaries = model.requests.filter(isSummary)
    expect(summaries.length).toBeGreaterThanOrEqual(2)
    expect(summaries.length).toBeLessThanOrEqual(6)
    // Each turn is summarised once.
    for (let n = 0; n < 4; n += 1) {
      expect(summaries.filter(({ body }) => userText(body).includes(`turn ${n} `)).length).toBe(1)
    }
    const last = model.requests.at(-1)?.body ?? { model: '', messages: [] }
    expect(saidIn(last).join('\n').length).toBeLessThan(2_000)
    expect(saidIn(last)[0]).toContain('SUMMARY')
    expect(saidIn(last).at(-1)).toContain('turn 11')
    const made = (await Promise.all(ids.map(read))).find(({ steps }) =>
      steps.some(({ key }: { key: string }) => key.startsWith('conversation/summary/')),
    )
    expect(made.usage).toMatchObject({ model_calls: 2, input_tokens: 110 })
    expect(made.result.answer).toBe('x'.repeat(100))
  })

  it('forgets what was said in a deleted task', async () => {
    const { url } = await createWebhook(thread(), { limits: { max_conversation_tokens: 200 } })
    model.handle(({ body }) =>
      userText(body).includes('Write the summary') ? say(`S(${userText(body)})`) : say('z'.repeat(120)),
    )
    const ids: string[] = []
    for (let n = 0; n < 6; n += 1) {
      ids.push(await send(url, { thread: 'd', text: `secret${n} ${'y'.repeat(80)}` }))
      await reach(ids.at(-1) ?? '', 'SUCCESS')
    }
    expect((await app.call('DELETE', `/api/tasks/${ids[0]}`)).status).toBeLessThan(300)
    const next = await send(url, { thread: 'd', text: 'go on' })
    await reach(next, 'SUCCESS')
    const sent = JSON.stringify(model.requests.at(-1)?.body.messages)
    expect(sent).toContain('secret5')
    expect(sent).not.toContain('secret0')
    for (const id of ids.slice(1)) {
      const { rows } = await app.database.db.pool.query(
        `select from bellwire.steps where task_id = $1 and output::text like '%secret0%' and kind = 'input'`,
        [id],
      )
      expect(rows).toHaveLength(0)
    }
  })
})

describe('a conversation of the direct API', () => {
  it('belongs to the agent and the key', async () => {
    const agent = await app.createAgent({ model: 'local/test' })
    const key = async (): Promise<string> =>
      (await app.call('POST', '/api/api_keys', { name: 'k', scope: 'agent', agent_id: agent.id })).body.key
    const [mine, yours] = [await key(), await key()]
    const ask = (api_key: string, question: string, conversation_id: unknown) =>
      app.call('POST', `${app.url}/api/answer`, { api_key, question, conversation_id })
    const first = await ask(mine, 'one', 'c1')
    expect(first.status, JSON.stringify(first.body)).toBe(200)
    const other = await ask(yours, 'two', 'c1')
    expect(other.body.conversation_id).not.toBe(first.body.conversation_id)
    // Not even by its id.
    await ask(yours, 'three', first.body.conversation_id)
    const last = await ask(mine, 'four', first.body.conversation_id)
    expect(last.body.conversation_id).toBe(first.body.conversation_id)
    expect(model.requests.map(({ body }) => saidIn(body))).toEqual([
      ['user: one'],
      ['user: two'],
      ['user: three'],
      ['user: one', 'assistant: echo: one', 'user: four'],
    ])
    const listed = await app.call('GET', `/api/tasks?conversation_id=c1&agent_id=${agent.id}`)
    expect(listed.body.data).toHaveLength(3)
    expect((await ask(mine, 'alone', null)).body.conversation_id).toBeUndefined()
  })
})

describe('append', () => {
  const toolAgent = () => ({
    tools: [
      {
        type: 'http',
        name: 'look',
        description: 'Looks.',
        method: 'GET',
        url: `${tools.url}/look`,
        access: 'read',
      },
    ],
  })

  it('adds a request to the running task, between two steps', async () => {
    const { url } = await createWebhook(thread('append'), toolAgent())
    const { promise, resolve } = Promise.withResolvers<undefined>()
    model.handle(async ({ body }, index) => {
      if (index > 0) return say(`done: ${userText(body)}`)
      await promise
      return callTools([{ name: 'look', arguments: {} }])
    })
    const first = await send(url, { thread: 'a', text: 'begin' })
    await reach(first, 'STARTED')
    await waitFor(() => model.requests.length === 1)
    const joined = await app.call('POST', elsewhere(url), { thread: 'a', text: 'and this' })
    expect(joined.body).toMatchObject({ success: true, task_id: first, joined: true })
    resolve(undefined)
    const task = await reach(first, 'SUCCESS')
    expect(task.result.answer).toBe('done: and this')
    expect(model.requests).toHaveLength(2)
    expect(task.steps.map(({ key }: { key: string }) => key)).toContain('request/1')
    expect(task.joined).toMatchObject([{ n: 1, payload: { thread: 'a', text: 'and this' }, step: 1 }])
    // Later turns see both.
    const later = await send(url, { thread: 'a', text: 'then' })
    await reach(later, 'SUCCESS')
    expect(saidIn(model.requests.at(-1)?.body ?? { model: '', messages: [] })).toEqual([
      'user: begin\n\nand this',
      'assistant: done: and this',
      'user: then',
    ])
    await recall(first, 1)
  }, 60_000)

  it('continues with a request that arrives while the last answer is written', async () => {
    const { url } = await createWebhook(thread('append'))
    const held = holdAnswers()
    const first = await send(url, { thread: 'l', text: 'begin' })
    await waitFor(() => model.requests.length === 1)
    expect(await send(url, { thread: 'l', text: 'late' })).toBe(first)
    held.release()
    expect((await reach(first, 'SUCCESS')).result.answer).toBe('echo: late')
  })

  it('has the requests that joined before it started in its first message', async () => {
    await app.stopWorker()
    const { url } = await createWebhook(thread('append'))
    const ids = new Set<string>()
    for (const n of [1, 2, 3]) ids.add(await send(url, { thread: 'b', text: `n${n}` }))
    expect(ids.size).toBe(1)
    await app.startWorker()
    const [id = ''] = ids
    expect((await reach(id, 'SUCCESS')).result.answer).toBe('echo: n1\n\nn2\n\nn3')
    expect(model.requests).toHaveLength(1)
  })

  it('loses none of 64 racing requests, and runs none twice', async () => {
    const { url } = await createWebhook(thread('append'))
    for (let round = 0; round < 4; round += 1) {
      model.reset()
      const answers = await Promise.all(
        Array.from({ length: 64 }, (_, n) =>
          sendRequest(n % 2 === 0 ? url : elsewhere(url), { thread: `r${round}`, text: `<${n}>` }),
        ),
      )
      const ids = new Set(answers.map(({ task_id: id }) => String(id)))
      for (const { state } of await allEnded([...ids])) expect(state).toBe('SUCCESS')
      expect(ids.size).toBeGreaterThan(0)
      // The last call of the last task has all of them, as its own messages or those of earlier turns.
      const sent = saidIn(model.requests.at(-1)?.body ?? { model: '', messages: [] })
        .filter((text) => text.startsWith('user: '))
        .join('\n')
      for (let n = 0; n < 64; n += 1) expect(sent.split(`<${n}>`).length - 1, `request ${n}`).toBe(1)
    }
  })

  it("does not join requests whose authors' trust differs", async () => {
    const { url } = await createWebhook({
      ...thread('append'),
      source: 'hmac',
      secrets: ['s3cret'],
      hmac: { header: 'x-sig', algorithm: 'sha256', encoding: 'hex', signed: '{body}' },
      trusted: 'payload.owner == true',
    })
    const { createHmac } = await import('node:crypto')
    const sign = (payload: unknown) => ({
      'x-sig': createHmac('sha256', 's3cret').update(JSON.stringify(payload)).digest('hex'),
    })
    const held = holdAnswers()
    const [owner, stranger] = [
      { thread: 'g', text: 'mine', owner: true },
      { thread: 'g', text: 'theirs', owner: false },
    ]
    const first = await send(url, owner, sign(owner))
    const other = await send(url, stranger, sign(stranger))
    expect(other).not.toBe(first)
    expect(await read(other)).toMatchObject({ sender_trusted: false, state: 'PENDING' })
    held.release()
    await reach(other, 'SUCCESS')
  })
})

describe('restart', () => {
  it('cancels the run and starts with all requests so far', async () => {
    const { url } = await createWebhook(thread('restart'))
    const held = holdAnswers()
    const ids: string[] = []
    for (const n of [1, 2, 3]) {
      ids.push(await send(url, { thread: 'r', text: `n${n}` }))
      await waitFor(() => model.requests.length === n)
    }
    held.release()
    const [one, two, three] = ids
    expect((await reach(three ?? '', 'SUCCESS')).result.answer).toBe('echo: n1\n\nn2\n\nn3')
    expect((await read(one ?? '')).error).toMatchObject({
      code: 'cancelled',
      superseded_by: two,
      message: expect.stringContaining(two ?? ''),
    })
    expect((await read(two ?? '')).state).toBe('CANCELLED')
    const next = await send(url, { thread: 'r', text: 'n4' })
    await reach(next, 'SUCCESS')
    expect(saidIn(model.requests.at(-1)?.body ?? { model: '', messages: [] })).toEqual([
      'user: n1\n\nn2\n\nn3',
      'assistant: echo: n1\n\nn2\n\nn3',
      'user: n4',
    ])
  })

  it('loses none of 64 racing requests', async () => {
    const { url } = await createWebhook(thread('restart'))
    const held = holdAnswers()
    const ids = await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        send(n % 2 === 0 ? url : elsewhere(url), { thread: 'r64', text: `<${n}>` }),
      ),
    )
    expect(new Set(ids).size).toBe(64)
    held.release()
    const tasks = await allEnded(ids)
    const ended = tasks.filter(({ state }) => state === 'SUCCESS')
    expect(ended).toHaveLength(1)
    for (let n = 0; n < 64; n += 1) expect(ended[0].result.answer).toContain(`<${n}>`)
  })
})

describe('queue', () => {
  it('runs 64 racing requests one after the other, in order', async () => {
    const { url } = await createWebhook(thread('queue'), { limits: { max_conversation_tokens: 100_000 } })
    let running = 0
    let most = 0
    model.handle(async ({ body }) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return say(`echo: ${userText(body)}`)
    })
    const ids = await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        send(n % 2 === 0 ? url : elsewhere(url), { thread: 'q64', text: `<${n}>` }),
      ),
    )
    expect(new Set(ids).size).toBe(64)
    const tasks = await allEnded(ids)
    expect(new Set(tasks.map(({ state }) => state))).toEqual(new Set(['SUCCESS']))
    expect(most).toBe(1)
    const { rows } = await app.database.db.pool.query<{ id: string }>(
      `select id from bellwire.tasks where conversation_id = $1 order by turn`,
      [tasks[0].conversation_id],
    )
    const byStart = tasks.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)).map(({ id }) => id)
    expect(byStart).toEqual(rows.map(({ id }) => id))
    // The last one has seen all of them.
    expect(saidIn(model.requests.at(-1)?.body ?? { model: '', messages: [] })).toHaveLength(127)
  }, 60_000)
})
