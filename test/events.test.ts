import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { openEvents, type Events, type SentEvent } from './harness/events.ts'
import { callTools, fail, say, startModelServer, userText, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let app: TestApp
let agent: { id: string; url: string }
const opened: Events[] = []

beforeAll(async () => {
  model = await startModelServer()
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
  agent = await app.createAgent({ model: 'local/test' })
})
afterEach(() => {
  for (const events of opened.splice(0)) events.close()
  model.reset()
})
afterAll(async () => {
  await app?.stop()
  await model?.stop()
})

async function watch(
  query = '',
  { url = app.url, headers = {} }: { url?: string; headers?: Record<string, string> } = {},
): Promise<Events> {
  const events = await openEvents(`${url}/api/events${query}`, {
    headers: { authorization: `Bearer ${app.adminKey}`, ...headers },
  })
  opened.push(events)
  await waitFor(() => events.all.length > 0)
  expect(events.all[0]?.event).toBe('ready')
  return events
}

async function trigger(url = agent.url, question = 'Hello?'): Promise<string> {
  const { status, body } = await app.call('POST', url, { question })
  expect(status).toBe(200)
  return String(body.task_id)
}

const about = ({ all }: Events, taskId: string): SentEvent[] =>
  all.filter(({ data }) => data['task_id'] === taskId)

const statesOf = (events: Events, taskId: string): unknown[] =>
  about(events, taskId)
    .filter(({ event }) => event === 'task')
    .map(({ data }) => data['state'])

describe('GET /api/events', () => {
  it('ends soon after its reader loses access, and not before', async () => {
    const { body: key } = await app.call('POST', '/api/api_keys', { name: 'Watcher', scope: 'admin' })
    const authorization = `Bearer ${key.key}`
    const [mine, theirs] = [await watch(), await watch('', { headers: { authorization } })]
    const delayed = await app.call('POST', agent.url, {}, { 'x-bellwire-delay': '300' })
    const ofTask = await openEvents(`${app.url}/api/tasks/${delayed.body.task_id}/events`, {
      headers: { authorization },
    })
    opened.push(ofTask)
    expect((await app.call('DELETE', `/api/api_keys/${key.id}`)).status).toBe(204)
    await Promise.all([theirs.ended, ofTask.ended])
    const taskId = await trigger()
    await waitFor(() => statesOf(mine, taskId).includes('SUCCESS'))
    expect(about(theirs, taskId)).toEqual([])
  }, 40_000)

  it('is for operators: an admin key or a session of the console', async () => {
    const refused = async (headers: Record<string, string>): Promise<number> => {
      const response = await fetch(`${app.url}/api/events`, { headers })
      await response.body?.cancel()
      return response.status
    }
    expect(await refused({})).toBe(401)
    const { body } = await app.call('POST', '/api/api_keys', {
      name: 'k',
      scope: 'agent',
      agent_id: agent.id,
    })
    expect(await refused({ authorization: `Bearer ${body.key}` })).toBe(403)
    const signedIn = await app.call('POST', '/api/session', { key: app.adminKey })
    expect(signedIn.status).toBeLessThan(300)
    const cookie = String(signedIn.headers.get('set-cookie')).split(';')[0] ?? ''
    const events = await openEvents(`${app.url}/api/events`, { headers: { cookie } })
    opened.push(events)
    await waitFor(() => events.all.length > 0)
  })

  it('has the states of tasks, from acceptance to end', async () => {
    model.handle(({ body }) => (userText(body).includes('fail') ? fail(401, 'no') : say('Hi.')))
    const events = await watch()
    const good = await trigger()
    const bad = await trigger(agent.url, 'fail')
    await waitFor(() => [good, bad].every((id) => statesOf(events, id).length > 0))
    await waitFor(
      () => statesOf(events, good).includes('SUCCESS') && statesOf(events, bad).includes('FAILURE'),
    )
    for (const id of [good, bad]) {
      const numbers = about(events, id).map(({ data }) => Number(data['event']))
      // A task that is claimed immediately is first seen when it has started; the steps of its run are not in this
      // stream.
      expect(numbers.filter((number) => number > 1)).toEqual([2, 4])
    }
    const failure = about(events, bad).find(({ data }) => data['state'] === 'FAILURE')
    expect(failure?.data).toMatchObject({
      agent_id: agent.id,
      origin: 'webhook',
      reason: 'failed',
      error: { code: 'provider_auth' },
    })
    expect(new Set(events.all.map(({ key }) => key)).size).toBe(events.all.length)
  })

  it('has tasks that are waiting for a worker', async () => {
    await app.stopWorker()
    try {
      const events = await watch('?kind=task&state=PENDING')
      const id = await trigger()
      await waitFor(() => statesOf(events, id).includes('PENDING'))
    } finally {
      await app.startWorker()
    }
  })

  it('has approvals, rejections, and deliveries that fail', async () => {
    const events = await watch('?kind=approval&kind=rejection&kind=delivery')
    const asking = await app.createAgent({
      model: 'local/test',
      approvals: { write_calls: 'always' },
      tools: [
        {
          type: 'http',
          name: 'pay',
          description: 'Pays.',
          method: 'POST',
          url: `${model.url}/pay`,
          parameters: { type: 'object' },
          access: 'write',
        },
      ],
    })
    model.script(callTools([{ name: 'pay', arguments: {} }]), say('Well.'))
    const id = await trigger(asking.url)
    await waitFor(() => about(events, id).length === 1)
    const [request] = about(events, id)
    expect(request).toMatchObject({ event: 'approval', data: { state: 'waiting', tool: 'pay' } })
    await app.call('POST', `/api/approvals/${String(request?.data['approval_id'])}/deny`, {})
    await waitFor(() => about(events, id).length === 2)
    expect(about(events, id)[1]).toMatchObject({ event: 'approval', data: { state: 'denied' } })

    const { body: webhooks } = await app.call('GET', `/api/agents/${agent.id}/webhooks`)
    const webhookId = String(webhooks.data[0].id)
    const path = `/api/agents/${agent.id}/webhooks/${webhookId}`
    await app.call('PATCH', path, {
      payload_schema: { type: 'object', required: ['order'] },
      on_mismatch: 'reject',
    })
    const { status } = await app.call('POST', agent.url, { question: 'no order' })
    expect(status).toBe(422)
    await waitFor(() => events.all.some(({ event }) => event === 'rejection'))
    expect(events.all.find(({ event }) => event === 'rejection')?.data).toMatchObject({
      reason: 'schema_invalid',
      webhook_id: webhookId,
    })
    await app.call('PATCH', path, { payload_schema: null })

    const { status: saved } = await app.call('PUT', `${path}/callback`, { url: 'http://127.0.0.1:9/none' })
    expect(saved).toBeLessThan(300)
    const called = await trigger()
    await waitFor(() => about(events, called).length > 0)
    expect(about(events, called)[0]).toMatchObject({
      event: 'delivery',
      data: { kind: 'callback', event: 'task.succeeded', state: 'pending', attempts: 1 },
    })
    await app.call('DELETE', `${path}/callback`)
  })

  it('has only what the filters select', async () => {
    const other = await app.createAgent({ model: 'local/test' })
    const { body } = await app.call('GET', `/api/agents/${other.id}/webhooks`)
    const [all, ofAgent, ofWebhook, failures] = await Promise.all([
      watch(),
      watch(`?agent_id=${agent.id}`),
      watch(`?webhook_id=${String(body.data[0].id)}`),
      watch('?kind=task&state=FAILURE'),
    ])
    model.handle(({ body: { messages } }) =>
      JSON.stringify(messages).includes('fail') ? fail(401, 'no') : say('Hi.'),
    )
    const [one, two] = [await trigger(), await trigger(other.url, 'fail')]
    const streams = [all, ofAgent, ofWebhook, failures]
    await waitFor(() => statesOf(all, one).includes('SUCCESS') && statesOf(all, two).includes('FAILURE'))
    await waitFor(() => streams.every(({ all: events }) => events.length > 1))
    const seen = (events: Events): boolean[] => [one, two].map((id) => statesOf(events, id).length > 0)
    await waitFor(() => statesOf(ofAgent, one).includes('SUCCESS') && statesOf(failures, two).length === 1)
    expect(seen(ofAgent)).toEqual([true, false])
    expect(seen(ofWebhook)).toEqual([false, true])
    expect(seen(failures)).toEqual([false, true])
  })

  it('continues after the last event at another front door, and after a restart of one', async () => {
    const first = await watch('?kind=task')
    const before = await trigger()
    await waitFor(() => statesOf(first, before).includes('SUCCESS'))
    first.close()
    const missed = await trigger()
    await app.call('GET', `/api/task_status?task_id=${missed}&wait=30`)
    const second = await app.startFrontDoor()
    const headers = { 'last-event-id': first.all.at(-1)?.key ?? '' }
    try {
      const resumed = await watch('?kind=task', { url: second.url, headers })
      expect(resumed.all[0]?.data).toEqual({ resumed: true })
      await waitFor(() => statesOf(resumed, missed).includes('SUCCESS'))
      const later = await trigger()
      await waitFor(() => statesOf(resumed, later).includes('SUCCESS'))
      expect(about(resumed, before)).toEqual([])
      expect(about(resumed, missed).map(({ data }) => data['event'])).toEqual([2, 4])
      // It ends its streams immediately.
      const began = performance.now()
      await second.stop()
      await resumed.ended
      expect(performance.now() - began).toBeLessThan(5_000)
    } finally {
      await second.stop()
    }
  })

  it('recognises an id that is not its own', async () => {
    await expect(watch('', { headers: { 'last-event-id': 'x y' } })).rejects.toMatchObject({
      status: 422,
      body: { code: 'schema_invalid', errors: [{ pointer: 'Last-Event-ID' }] },
    })
    // The id of an installation that has done more than this one.
    const events = await watch('', { headers: { 'last-event-id': 'zzzzzzzz' } })
    expect(events.all[0]?.data).toEqual({ resumed: false })
    await expect(watch('?kind=nonsense')).rejects.toMatchObject({ status: 422 })
    await expect(watch('?agent_id=nonsense')).rejects.toMatchObject({ status: 404 })
  })
})
