import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentApp, type AgentApp } from './harness/agentApp.ts'
import type { TestApp } from './harness/api.ts'
import { callTools, say, type ModelServer } from './harness/modelServer.ts'
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
  tools.handle(({ path }) => ({ body: { done: path } }))
  model.handle(pay(10))
})

afterAll(() => bench?.stop())

/** Looks up an account, then pays, then answers: the same turns for every task. */
const pay =
  (sum: number): Parameters<ModelServer['handle']>[0] =>
  ({ body }) => {
    const turn = body.messages.filter(({ role }) => role === 'assistant').length
    if (turn === 0) return callTools([{ name: 'look', arguments: { account: 'a1' } }])
    if (turn === 1) return callTools([{ name: 'pay', arguments: { to: 'a1', sum } }])
    return say(`Paid ${sum}.`)
  }

async function agentWith(config: Record<string, unknown> = {}) {
  const parameters = { type: 'object' }
  const agent = await app.createAgent({
    model: 'local/test',
    tools: [
      {
        type: 'http',
        name: 'look',
        description: 'Looks.',
        url: `${tools.url}/look`,
        access: 'read',
        parameters,
      },
      {
        type: 'http',
        name: 'pay',
        description: 'Pays.',
        method: 'POST',
        url: `${tools.url}/pay`,
        access: 'write',
        parameters,
      },
    ],
    ...config,
  })
  const { body } = await app.call('GET', `/api/agents/${agent.id}/webhooks`)
  return { ...agent, webhookId: String(body.data[0].id) }
}

async function trigger(url: string, question = 'Pay my bill.'): Promise<string> {
  const { status, body } = await app.call('POST', url, { question })
  expect(status).toBe(200)
  return String(body.task_id)
}

const ended = async (id: string) => {
  await waitFor(async () => (await app.call('GET', `/api/tasks/${id}`)).body.finished_at !== null)
  return (await app.call('GET', `/api/tasks/${id}`)).body
}

const rehearse = (agentId: string, body?: unknown) =>
  app.call('POST', `/api/agents/${agentId}/rehearse`, body)

async function report(id: string) {
  await waitFor(async () => (await app.call('GET', `/api/rehearsals/${id}`)).body.open === 0)
  return (await app.call('GET', `/api/rehearsals/${id}`)).body
}

const calls = (path: string): number => tools.requests.filter((request) => request.path === path).length

describe('a rehearsal', () => {
  it('of the latest tasks on a draft shows what would have been done, and does nothing', async () => {
    const agent = await agentWith()
    const original = await ended(await trigger(agent.url))
    expect(calls('/pay')).toBe(1)

    // The draft pays another amount, which no record has.
    model.handle(pay(20))
    const { status, body } = await rehearse(agent.id, { draft: { instructions: 'Pay double.' }, last: 5 })
    expect(status).toBe(201)
    expect(body).toMatchObject({ agent_id: agent.id, revision: 1, draft: true, tasks: 1 })
    const { data, ...rest } = await report(body.id)
    expect(rest).toMatchObject({ id: body.id, open: 0, writes: 1 })
    expect(data).toMatchObject([
      {
        task_id: body.task_ids[0],
        state: 'SUCCESS',
        answer: 'Paid 20.',
        writes: [
          { tool: 'pay', arguments: { to: 'a1', sum: 20 }, answered: 'simulated', needs_approval: false },
        ],
        original: {
          task_id: original.id,
          answer: 'Paid 10.',
          writes: [{ tool: 'pay', arguments: { to: 'a1', sum: 10 } }],
        },
        differs: ['answer', 'writes'],
      },
    ])
    expect(calls('/pay')).toBe(1)
    // Reads are real.
    expect(calls('/look')).toBe(2)
    const prompt = JSON.stringify(model.requests.at(-1)?.body)
    expect(prompt).toContain('Pay double.')
    expect(prompt).toContain('the call was not made')
    const { body: saved } = await app.call('GET', `/api/agents/${agent.id}`)
    expect(saved).toMatchObject({ revision: 1, instructions: 'Help.' })
    const { body: list } = await app.call('GET', `/api/agents/${agent.id}/rehearsals`)
    expect(list.data).toMatchObject([{ id: body.id, tasks: 1 }])
  })

  it('answers writes from the record if there is one', async () => {
    const agent = await agentWith()
    await ended(await trigger(agent.url))
    const { body } = await rehearse(agent.id)
    const { data } = await report(body.id)
    expect(data).toMatchObject([{ differs: [], writes: [{ answered: 'recorded' }] }])
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('/pay')
    expect(calls('/pay')).toBe(1)
  })

  it('of held tasks leaves them held', async () => {
    const agent = await agentWith({ approvals: { write_calls: 'always' } })
    await app.call('PATCH', `/api/agents/${agent.id}/webhooks/${agent.webhookId}`, { hold: true })
    const held = [await trigger(agent.url, 'one'), await trigger(agent.url, 'two')]
    const { body } = await rehearse(agent.id, { webhook_id: agent.webhookId })
    const { data, writes } = await report(body.id)
    expect(writes).toBe(2)
    expect(data.map((task: { original: { task_id: string } }) => task.original.task_id)).toEqual(
      held.toReversed(),
    )
    // Nobody is asked, but the report shows that someone would have been.
    expect(data[0]).toMatchObject({
      state: 'SUCCESS',
      writes: [{ tool: 'pay', answered: 'simulated', needs_approval: true }],
      original: { state: 'PENDING' },
      differs: null,
    })
    expect(calls('/pay')).toBe(0)
    for (const id of held) expect((await app.call('GET', `/api/tasks/${id}`)).body.state).toBe('PENDING')
    const { body: approvals } = await app.call('GET', `/api/approvals?state=waiting&agent_id=${agent.id}`)
    expect(approvals.data).toEqual([])
  })

  it('is marked, delivers nothing, and cannot be replayed', async () => {
    const agent = await agentWith()
    const path = `/api/agents/${agent.id}/webhooks/${agent.webhookId}`
    const { status } = await app.call('PUT', `${path}/callback`, { url: `${tools.url}/callback` })
    expect(status).toBeLessThan(300)
    const original = await trigger(agent.url)
    await ended(original)
    await waitFor(() => calls('/callback') === 1)
    const { body } = await rehearse(agent.id)
    await report(body.id)
    const [taskId] = body.task_ids
    const task = await ended(taskId)
    expect(task).toMatchObject({ origin: 'rehearsal', webhook_id: null })
    const { body: deliveries } = await app.call('GET', `/api/deliveries?agent_id=${agent.id}`)
    expect(deliveries.data.map((delivery: { task_id: string }) => delivery.task_id)).toEqual([original])
    const { body: listed } = await app.call('GET', `/api/tasks?origin=rehearsal&agent_id=${agent.id}`)
    expect(listed.data).toMatchObject([{ id: taskId }])
    // A second rehearsal uses the original again, not the rehearsal.
    const again = await rehearse(agent.id)
    expect((await report(again.body.id)).data).toMatchObject([{ original: { task_id: original } }])
    const replay = await app.call('POST', `/api/tasks/${taskId}/replay`)
    expect(replay).toMatchObject({ status: 409, body: { code: 'conflict' } })
    const many = { filter: { agent_id: agent.id, state: 'SUCCESS' }, writes: 'recorded' }
    const replays = await app.call('POST', '/api/tasks/replay', many)
    expect(replays.body.task_ids).toHaveLength(1)
    await ended(replays.body.task_ids[0])
  })

  it('continues after a kill without calling the model again', async () => {
    const agent = await agentWith()
    await ended(await trigger(agent.url))
    const gate = Promise.withResolvers<void>()
    const before = model.requests.length
    const handler = pay(20)
    model.handle(async (request, index) => {
      if (request.body.messages.length > 4) await gate.promise
      return handler(request, index)
    })
    const { body } = await rehearse(agent.id)
    await waitFor(() => model.requests.length === before + 3)
    const stopping = app.stopWorker()
    gate.resolve()
    await stopping
    await app.startWorker()
    const { data } = await report(body.id)
    expect(data).toMatchObject([{ answer: 'Paid 20.', writes: [{ answered: 'simulated' }] }])
    expect(calls('/pay')).toBe(1)
  }, 30_000)

  it('asks nobody, and waits for nothing', async () => {
    const agent = await agentWith({
      tools: [
        { type: 'builtin', name: 'ask_person' },
        { type: 'builtin', name: 'wait_for_callback' },
      ],
    })
    await app.call('PATCH', `/api/agents/${agent.id}/webhooks/${agent.webhookId}`, { hold: true })
    await trigger(agent.url)
    model.handle(({ body: { messages } }) => {
      const turn = messages.filter(({ role }) => role === 'assistant').length
      if (turn === 0) return callTools([{ name: 'ask_person', arguments: { question: 'May I?' } }])
      if (turn === 1) return callTools([{ name: 'create_callback_url', arguments: {} }])
      if (turn === 2) return callTools([{ name: 'wait_for_callback', arguments: { id: 'simulated' } }])
      return say('Well.')
    })
    const { body } = await rehearse(agent.id, { webhook_id: agent.webhookId })
    const { data } = await report(body.id)
    expect(data).toMatchObject([{ state: 'SUCCESS', answer: 'Well.', writes: [] }])
    const { steps } = await ended(body.task_ids[0])
    const calls = steps.filter(({ kind }: { kind: string }) => kind === 'tool')
    expect(calls.map(({ output }: { output: unknown }) => output)).toMatchObject([
      { result: { simulated: true }, simulated: true },
      { result: { simulated: true, id: 'simulated' }, simulated: true },
      { result: { simulated: true }, simulated: true },
    ])
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('https://simulated.invalid/')
  })

  it('does not count towards the tasks that may wait', async () => {
    const agent = await agentWith({ limits: { max_pending_tasks: 1 } })
    await ended(await trigger(agent.url))
    await app.stopWorker()
    try {
      for (let count = 0; count < 3; count += 1) expect((await rehearse(agent.id)).status).toBe(201)
      // A recent count is reused: the first task may still count.
      const waiting = await waitFor(async () => {
        const { status, body } = await app.call('POST', agent.url, { question: 'Wait.' })
        return status === 200 && String(body.task_id)
      })
      const { status } = await app.call('POST', agent.url, { question: 'One more.' })
      expect(status).toBe(429)
      await app.startWorker()
      await ended(waiting)
    } finally {
      await app.startWorker()
    }
  })

  it('sees what the original saw of its conversation, and adds nothing to it', async () => {
    const agent = await agentWith()
    const path = `/api/agents/${agent.id}/webhooks/${agent.webhookId}`
    const { status } = await app.call('PATCH', path, { conversation: { key: '"thread"' } })
    expect(status).toBe(200)
    model.handle(({ body: { messages } }) => say(`answer ${messages.length}`))
    await ended(await trigger(agent.url, 'first question'))
    await ended(await trigger(agent.url, 'second question'))
    const { body } = await rehearse(agent.id, { draft: { instructions: 'Be brief.' }, last: 1 })
    expect((await report(body.id)).data).toMatchObject([{ differs: [] }])
    const prompt = JSON.stringify(model.requests.at(-1)?.body)
    expect(prompt).toContain('Be brief.')
    expect(prompt).toContain('first question')
    await ended(await trigger(agent.url, 'third question'))
    expect(JSON.stringify(model.requests.at(-1)?.body).match(/second question/g)).toHaveLength(1)
  })

  it('of one task, or of a payload that nobody has sent', async () => {
    const agent = await agentWith()
    const first = await ended(await trigger(agent.url, 'The first.'))
    await ended(await trigger(agent.url, 'The second.'))
    const one = await rehearse(agent.id, { task_id: first.id })
    expect(one).toMatchObject({ status: 201, body: { tasks: 1 } })
    const { data } = await report(one.body.id)
    expect(data).toMatchObject([{ original: { task_id: first.id }, differs: [] }])

    const made = calls('/pay')
    const id = '820982911946154508'
    const sent = await app.call(
      'POST',
      `/api/agents/${agent.id}/rehearse`,
      `{"draft":{"message":"Pay for {{ payload.id }}."},"payload":{"id":${id}}}`,
    )
    expect(sent.status).toBe(201)
    const of = await report(sent.body.id)
    expect(of).toMatchObject({
      draft: true,
      writes: 1,
      data: [{ state: 'SUCCESS', original: null, differs: null, writes: [{ answered: 'simulated' }] }],
    })
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain(`Pay for ${id}.`)
    expect(calls('/pay')).toBe(made)

    // What was run again is no request: it can be left out of a list, and a rehearsal cannot be rehearsed.
    const path = `/api/tasks?agent_id=${agent.id}&except_origin=replay&except_origin=rehearsal`
    expect((await app.call('GET', path)).body.data).toHaveLength(2)
    expect(await rehearse(agent.id, { task_id: of.data[0].task_id })).toMatchObject({ status: 409 })
    const other = await agentWith()
    expect(await rehearse(other.id, { task_id: first.id })).toMatchObject({ status: 404 })
    expect(await rehearse(agent.id, { task_id: first.id, payload: null })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/payload', detail: 'cannot be used together with task_id' }] },
    })
    expect(await rehearse(agent.id, { payload: 1, last: 3 })).toMatchObject({ status: 422 })
  })

  it('reports what is wrong with a request', async () => {
    const agent = await agentWith()
    expect(await rehearse(agent.id)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await rehearse(agent.id, { webhook_id: agent.webhookId })).toMatchObject({ status: 409 })
    expect(await rehearse(agent.id, { revision: 7 })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/revision' }] },
    })
    expect(await rehearse(agent.id, { draft: { model: 'nobody/none' } })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/draft/model' }] },
    })
    expect(await rehearse(agent.id, { revision: 1, draft: {} })).toMatchObject({ status: 422 })
    expect(await rehearse(agent.id, { webhook_id: agent.webhookId, filter: {} })).toMatchObject({
      status: 422,
    })
    expect(await rehearse(agent.id, { last: 101 })).toMatchObject({ status: 422 })
    expect(await rehearse('nonsense')).toMatchObject({ status: 404 })
    expect(await app.call('GET', `/api/rehearsals/${agent.id}`)).toMatchObject({
      status: 404,
      body: { code: 'rehearsal_not_found' },
    })
  })
})
