import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signatureHeaders } from '../src/delivery/signature.ts'
import { createStepDeliveries } from '../src/delivery/stepDeliveries.ts'
import { startTestApp, type TestApp } from './harness/api.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { freePort } from './harness/program.ts'
import { startToolServer, type ToolRequest, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp
let receiver: ToolServer
let model: ModelServer

beforeAll(async () => {
  receiver = await startToolServer()
  model = await startModelServer()
  app = await startTestApp({
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    LOCAL_MODEL_BASE_URL: model.url,
  })
})
afterAll(async () => {
  await app?.stop()
  await receiver?.stop()
  await model?.stop()
})
beforeEach(() => {
  receiver.reset()
  model.reset()
})

/** An agent whose webhook has a callback. */
async function agentWithCallback(settings: object = {}) {
  const agent = await app.createAgent()
  const { body } = await app.call('GET', `/api/agents/${agent.id}/webhooks`)
  const webhookId: string = body.data[0].id
  const path = `/api/agents/${agent.id}/webhooks/${webhookId}/callback`
  const { status, body: callback } = await app.call('PUT', path, { url: `${receiver.url}/done`, ...settings })
  expect(status, JSON.stringify(callback)).toBe(200)
  return { ...agent, webhookId, path, secret: callback.secret as string }
}

async function trigger(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await app.call('POST', url, { question: 'Well?' }, headers)
  return body.task_id
}

async function deliveryOf(taskId: string) {
  return waitFor(async () => (await app.call('GET', `/api/deliveries?task_id=${taskId}`)).body.data[0], {
    what: 'a delivery',
  })
}

/** The delivery of a task, once it is in the given state. */
function deliveryIn(taskId: string, state: string, attempts = 1) {
  return waitFor(
    async () => {
      const delivery = await deliveryOf(taskId)
      return delivery.state === state && delivery.attempts >= attempts && delivery
    },
    { deadlineMs: 30_000, what: `a delivery that is ${state}` },
  )
}

const detail = async (id: string) => (await app.call('GET', `/api/deliveries/${id}`)).body

/** Whether a request carries the signature that a receiver computes. */
function isSigned({ headers, body }: ToolRequest, secret: string): boolean {
  const id = String(headers['webhook-id'])
  const time = new Date(Number(headers['webhook-timestamp']) * 1000)
  const expected = signatureHeaders({ id, time, body: Buffer.from(body), secrets: [secret] })
  return String(headers['webhook-signature'])
    .split(' ')
    .includes(expected['webhook-signature'] ?? '')
}

/** Makes attempts that are scheduled for later due immediately. */
async function makeDue(taskId: string): Promise<void> {
  await app.database.db.pool.query(
    `update bellwire.deliveries set due_at = now() where task_id = $1 and state = 'pending'`,
    [taskId],
  )
}

it('a worker checks for due deliveries from its start, without a warning', async () => {
  await app.stopWorker()
  const before = app.logged().length
  await app.startWorker()
  await deliveryIn(await trigger((await agentWithCallback()).url), 'delivered')
  expect(app.logged().slice(before)).not.toMatch(/"level":(?:40|50|60)/)
})

it('a worker that stops gives up its tasks at once, although a delivery is in progress', async () => {
  const sockets: Socket[] = []
  const silent = createTcpServer((socket) => void sockets.push(socket.on('error', () => undefined)))
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  const { port } = silent.address() as AddressInfo
  await trigger((await agentWithCallback({ url: `http://127.0.0.1:${port}/done` })).url)
  const delivery = await waitFor(() => sockets[0], { what: 'a delivery' })
  const stopping = app.stopWorker()
  await waitFor(
    async () =>
      (await app.database.db.pool.query('select 1 from bellwire.workers where ended_at is null')).rowCount ===
      0,
    { deadlineMs: 15_000, what: 'the end of the worker' },
  )
  expect(delivery.destroyed).toBe(false)
  delivery.destroy()
  silent.close()
  await stopping
  await app.startWorker()
}, 60_000)

it('the end of a task is sent, signed, with its result', async () => {
  const { url, secret, id, webhookId } = await agentWithCallback()
  const taskId = await trigger(url)
  const delivery = await deliveryIn(taskId, 'delivered')
  expect(receiver.requests).toHaveLength(1)
  const [request] = receiver.requests
  if (!request) throw new Error('nothing came')
  expect(request).toMatchObject({ method: 'POST', path: '/done' })
  expect(request.headers['webhook-id']).toBe(delivery.id)
  expect(request.headers['user-agent']).toMatch(/^Bellwire\//)
  expect(isSigned(request, secret)).toBe(true)
  expect(isSigned(request, `whsec_${Buffer.alloc(32).toString('base64')}`)).toBe(false)
  expect(JSON.parse(request.body)).toMatchObject({
    type: 'task.succeeded',
    timestamp: expect.any(String),
    data: {
      task_id: taskId,
      agent_id: id,
      webhook_id: webhookId,
      status: 'SUCCESS',
      state: 'SUCCESS',
      result: { answer: expect.stringContaining('Well?') },
    },
  })
  expect(await detail(delivery.id)).toMatchObject({
    body: request.body,
    attempt_list: [{ attempt: 1, status: 200, error: null, response: '{"ok":true}' }],
  })
})

it('thin content has only ids', async () => {
  const { url } = await agentWithCallback({ content: 'thin' })
  const taskId = await trigger(url)
  await deliveryIn(taskId, 'delivered')
  const { data } = JSON.parse(receiver.requests[0]?.body ?? '')
  expect(Object.keys(data)).toEqual(['task_id', 'agent_id', 'webhook_id'])
})

it('a cancelled task is sent, too', async () => {
  const { url } = await agentWithCallback()
  await app.stopWorker()
  const taskId = await trigger(url)
  await app.call('POST', `/api/tasks/${taskId}/cancel`)
  await app.startWorker()
  await deliveryIn(taskId, 'delivered')
  expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({
    type: 'task.cancelled',
    data: { status: 'FAILURE', state: 'CANCELLED', result: { error: { code: 'cancelled' } } },
  })
})

it('a webhook without a callback sends nothing', async () => {
  const { url } = await app.createAgent()
  const taskId = await trigger(url)
  await waitFor(async () => (await app.call('GET', `/api/tasks/${taskId}`)).body.state === 'SUCCESS')
  expect((await app.call('GET', `/api/deliveries?task_id=${taskId}`)).body.data).toEqual([])
})

describe('a receiver that', () => {
  it('fails gets the same id and body again, with a new signature, after the scheduled delays', async () => {
    const { url, secret } = await agentWithCallback()
    receiver.handle(() => ({ status: 500, body: 'out of order' }))
    const taskId = await trigger(url)
    const first = await deliveryIn(taskId, 'pending')
    await waitFor(async () => (await detail(first.id)).attempt_list.length === 1)
    const { next_attempt_at: due, error } = await deliveryOf(taskId)
    expect(error).toBe('the receiver answered 500')
    const seconds = (Date.parse(due) - Date.now()) / 1000
    expect(seconds).toBeGreaterThan(2)
    expect(seconds).toBeLessThan(6)
    receiver.handle(() => ({ status: 204 }))
    await makeDue(taskId)
    await deliveryIn(taskId, 'delivered', 2)
    const [one, two] = receiver.requests
    if (!one || !two) throw new Error('two requests were expected')
    expect(two.body).toBe(one.body)
    expect(two.headers['webhook-id']).toBe(one.headers['webhook-id'])
    expect([isSigned(one, secret), isSigned(two, secret)]).toEqual([true, true])
    expect((await detail(first.id)).attempt_list.map(({ status }: { status: number }) => status)).toEqual([
      500, 204,
    ])
  })

  it('sends Retry-After is called again after that time', async () => {
    const { url } = await agentWithCallback()
    receiver.handle(() => ({ status: 429, headers: { 'retry-after': '600' } }))
    const taskId = await trigger(url)
    const { id } = await deliveryOf(taskId)
    await waitFor(async () => (await detail(id)).attempt_list.length === 1)
    const { next_attempt_at: due } = await deliveryOf(taskId)
    expect((Date.parse(due) - Date.now()) / 1000).toBeGreaterThan(580)
  })

  it('redirects is not followed', async () => {
    const { url } = await agentWithCallback()
    receiver.handle(() => ({ status: 302, headers: { location: `${receiver.url}/elsewhere` } }))
    const taskId = await trigger(url)
    const { id } = await deliveryOf(taskId)
    await waitFor(async () => (await detail(id)).attempt_list.length === 1)
    expect((await deliveryOf(taskId)).error).toContain('redirects (302)')
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/done'])
  })

  it('responds 410 switches the callback off; later deliveries are kept and can be resent', async () => {
    const { url, path, webhookId } = await agentWithCallback()
    receiver.handle(() => ({ status: 410 }))
    await deliveryIn(await trigger(url), 'failed')
    expect((await app.call('GET', path)).body.disabled_at).toEqual(expect.any(String))
    const later = await trigger(url)
    const failed = await deliveryIn(later, 'failed', 0)
    expect(failed).toMatchObject({ attempts: 0, error: expect.stringContaining('410') })
    expect(receiver.requests).toHaveLength(1)

    receiver.reset()
    const saved = await app.call('PUT', path, { url: `${receiver.url}/done` })
    expect(saved.body).toMatchObject({ disabled_at: null })
    const { body } = await app.call('POST', '/api/deliveries/resend', { webhook_id: webhookId })
    expect(body).toEqual({ resent: 2 })
    await deliveryIn(later, 'delivered')
    expect(receiver.requests).toHaveLength(2)
  })

  it('never finishes its response has received the delivery', async () => {
    const { url } = await agentWithCallback()
    receiver.handle(() => ({ status: 200, body: 'x'.repeat(10_000_000) }))
    const taskId = await trigger(url)
    const { id } = await deliveryIn(taskId, 'delivered')
    const [{ response }] = (await detail(id)).attempt_list
    expect(response.length).toBe(2_000)
  })

  it('is slow does not delay another webhook', async () => {
    const slow = await agentWithCallback()
    const quick = await agentWithCallback({ url: `${receiver.url}/quick` })
    receiver.handle(({ path }) => (path === '/quick' ? {} : { delayMs: 3_000 }))
    await Promise.all(Array.from({ length: 30 }, () => trigger(slow.url)))
    await waitFor(() => receiver.requests.length >= 8)
    const started = performance.now()
    await deliveryIn(await trigger(quick.url), 'delivered')
    expect(performance.now() - started).toBeLessThan(2_900)
    expect(receiver.requests.filter(({ path }) => path === '/done').length).toBeLessThanOrEqual(16)
    receiver.handle(() => ({}))
    await waitFor(
      async () => {
        const { body } = await app.call(
          'GET',
          `/api/deliveries?webhook_id=${slow.webhookId}&state=delivered&limit=30`,
        )
        return body.data.length === 30
      },
      { deadlineMs: 20_000, what: 'the rest of the deliveries' },
    )
  })

  it('is closed, or does not speak HTTP, fails with a reason', async () => {
    const garbage: Server = createTcpServer((socket) => void socket.end('SSH-2.0-nothing\r\n'))
    garbage.listen(0, '127.0.0.1')
    await once(garbage, 'listening')
    const address = garbage.address()
    const port = typeof address === 'object' && address ? address.port : 0
    for (const bad of [
      `http://127.0.0.1:${await freePort()}/`,
      `http://127.0.0.1:${port}/`,
      `https://127.0.0.1:${port}/`,
    ]) {
      const { url } = await agentWithCallback({ url: bad })
      const taskId = await trigger(url)
      const { id } = await deliveryOf(taskId)
      const [only] = await waitFor(async () => {
        const { attempt_list: attempts } = await detail(id)
        return attempts.length === 1 && attempts
      })
      expect(only).toMatchObject({ status: null, error: expect.any(String) })
      expect((await deliveryOf(taskId)).state).toBe('pending')
    }
    garbage.close()
  })

  it('has a private address that is not allowed is not called', async () => {
    const { url } = await agentWithCallback({ url: 'http://10.0.0.1/' })
    const failed = await deliveryIn(await trigger(url), 'failed')
    expect(failed.error).toContain('BELLWIRE_ALLOW_PRIVATE_NETWORKS')
  })
})

it('a request can set its own URL, on hosts that the webhook allows', async () => {
  const { url, path } = await agentWithCallback({ url: null, hosts: ['127.0.0.1', '*.example.com'] })
  expect((await app.call('GET', path)).body.url).toBeNull()
  const own = `${receiver.url}/own`
  const taskId = await trigger(url, { 'x-bellwire-callback': own })
  expect(await deliveryIn(taskId, 'delivered')).toMatchObject({ url: own })
  expect(receiver.requests.map(({ path: to }) => to)).toEqual(['/own'])
  for (const bad of ['https://example.com/', 'https://elsewhere.test/', 'nowhere', 'ftp://127.0.0.1/']) {
    const { status, body } = await app.call('POST', url, {}, { 'x-bellwire-callback': bad })
    expect([status, body.code], bad).toEqual([400, 'callback_not_allowed'])
  }
  const silent = await trigger(url)
  await waitFor(async () => (await app.call('GET', `/api/tasks/${silent}`)).body.state === 'SUCCESS')
  expect((await app.call('GET', `/api/deliveries?task_id=${silent}`)).body.data).toEqual([])
  const { url: without } = await app.createAgent()
  expect((await app.call('POST', without, {}, { 'x-bellwire-callback': own })).body.code).toBe(
    'callback_not_allowed',
  )
})

describe('a callback with a new URL', () => {
  it('gets what the old URL did not accept', async () => {
    const { url, path, webhookId } = await agentWithCallback()
    receiver.handle(({ path: to }) => ({ status: to === '/done' ? 500 : 200 }))
    const taskId = await trigger(url)
    const { id } = await waitFor(async () => {
      const delivery = await deliveryOf(taskId)
      return delivery.error !== null && delivery
    })
    await app.call('PUT', path, { url: `${receiver.url}/moved` })
    await app.call('POST', '/api/deliveries/resend', { webhook_id: webhookId, state: 'pending' })
    expect(await deliveryIn(taskId, 'delivered', 2)).toMatchObject({ url: `${receiver.url}/moved` })
    expect(receiver.requests.map(({ path: to }) => to)).toEqual(['/done', '/moved'])
    const [first, second] = receiver.requests
    expect([second?.body, second?.headers['webhook-id']]).toEqual([first?.body, id])
  })

  it('does not get a delivery whose request set its own URL', async () => {
    const { url, path } = await agentWithCallback({ hosts: ['127.0.0.1'] })
    receiver.handle(() => ({ status: receiver.requests.length === 1 ? 500 : 200 }))
    const taskId = await trigger(url, { 'x-bellwire-callback': `${receiver.url}/own` })
    await waitFor(async () => (await deliveryOf(taskId)).error !== null)
    await app.call('PUT', path, { url: `${receiver.url}/moved` })
    await makeDue(taskId)
    await deliveryIn(taskId, 'delivered', 2)
    expect(receiver.requests.map(({ path: to }) => to)).toEqual(['/own', '/own'])
  })

  it('that is switched off gets nothing more of what failed before', async () => {
    const { url, path } = await agentWithCallback()
    receiver.handle(() => ({ status: 500 }))
    const earlier = await trigger(url)
    await waitFor(async () => (await deliveryOf(earlier)).error !== null)
    receiver.handle(() => ({ status: 410 }))
    await deliveryIn(await trigger(url), 'failed')
    expect((await app.call('GET', path)).body.disabled_at).toEqual(expect.any(String))
    const sent = receiver.requests.length
    await makeDue(earlier)
    expect((await deliveryIn(earlier, 'failed', 2)).error).toContain('switched off')
    expect(receiver.requests).toHaveLength(sent)
  })
})

it('a URL with a user and a password is refused: it could not be called, and would be listed', async () => {
  const address = 'http://user:password@127.0.0.1/'
  const { url, path } = await agentWithCallback({ hosts: ['127.0.0.1'] })
  const { status, body } = await app.call('PUT', path, { url: address })
  expect([status, body.errors]).toEqual([
    422,
    [{ pointer: '/url', detail: expect.stringContaining('password') }],
  ])
  const named = await app.call('POST', url, {}, { 'x-bellwire-callback': address })
  expect([named.status, named.body.code]).toEqual([400, 'callback_not_allowed'])
})

it('a resend does not affect an attempt in progress', async () => {
  const { url } = await agentWithCallback()
  let answer = (): void => {}
  receiver.handle(async () => {
    await new Promise<void>((resolve) => (answer = resolve))
    return {}
  })
  const taskId = await trigger(url)
  await waitFor(() => receiver.requests.length === 1)
  const { id } = await deliveryOf(taskId)
  await app.call('POST', `/api/deliveries/${id}/resend`)
  await app.call('POST', '/api/deliveries/resend', { task_id: taskId, state: 'pending' })
  // A worker claims all due deliveries, in order.
  const other = await agentWithCallback({ url: `${receiver.url}/other` })
  receiver.handle(() => ({}))
  await deliveryIn(await trigger(other.url), 'delivered')
  expect(receiver.requests.map(({ path: to }) => to)).toEqual(['/done', '/other'])
  answer()
  expect(await deliveryIn(taskId, 'delivered')).toMatchObject({ attempts: 1 })
})

it('a secret is rotated with a grace period', async () => {
  const { url, path, secret } = await agentWithCallback()
  const { body: rotated } = await app.call('POST', `${path}/rotate`, { grace_seconds: 3600 })
  expect(rotated.secret).not.toBe(secret)
  expect((await app.call('GET', path)).body.secret).toBeUndefined()
  await deliveryIn(await trigger(url), 'delivered')
  const [both] = receiver.requests
  if (!both) throw new Error('nothing came')
  expect([isSigned(both, secret), isSigned(both, rotated.secret)]).toEqual([true, true])

  receiver.reset()
  const { body: again } = await app.call('POST', `${path}/rotate`, { grace_seconds: 0 })
  await deliveryIn(await trigger(url), 'delivered')
  const [one] = receiver.requests
  if (!one) throw new Error('nothing came')
  expect([isSigned(one, secret), isSigned(one, rotated.secret), isSigned(one, again.secret)]).toEqual([
    false,
    false,
    true,
  ])
})

it('a delivered one can be resent, with its id', async () => {
  const { url } = await agentWithCallback()
  const delivery = await deliveryIn(await trigger(url), 'delivered')
  expect((await app.call('POST', `/api/deliveries/${delivery.id}/resend`)).status).toBe(200)
  await deliveryIn(delivery.task_id, 'delivered', 2)
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([delivery.id]),
  )
  expect(receiver.requests).toHaveLength(2)
})

it('invalid settings are refused at their field', async () => {
  const { path } = await agentWithCallback()
  for (const [settings, pointer] of [
    [{ url: 'ftp://example.com' }, '/url'],
    [{ url: `${receiver.url}/`, secret: 'whsec_short' }, '/secret'],
    [{ url: `${receiver.url}/`, events: [] }, '/events'],
    [{ url: `${receiver.url}/`, hosts: ['https://example.com/'] }, '/hosts/0'],
  ]) {
    const { status, body } = await app.call('PUT', path, settings)
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer])
  }
  expect((await app.call('GET', '/api/deliveries/msg_nothing')).body.code).toBe('delivery_not_found')
  expect((await app.call('GET', '/api/deliveries?since=yesterday')).status).toBe(422)
  expect((await app.call('GET', '/api/deliveries?since=2026-06-05')).status).toBe(200)
})

it('a resend of an unknown id is refused: a mistyped id would send nothing', async () => {
  const id = '019ab7de-0000-7000-8000-000000000000'
  for (const [filter, code] of [
    [{ webhook_id: id }, 'webhook_not_found'],
    [{ webhook_id: 'nonsense' }, 'webhook_not_found'],
    [{ agent_id: id }, 'agent_not_found'],
    [{ task_id: id }, 'task_not_found'],
  ] as const) {
    const { status, body } = await app.call('POST', '/api/deliveries/resend', filter)
    expect([status, body.code]).toEqual([404, code])
  }
  const { webhookId } = await agentWithCallback()
  const none = await app.call('POST', '/api/deliveries/resend', { webhook_id: webhookId })
  expect(none).toMatchObject({ status: 200, body: { resent: 0 } })
})

it('a change of the callback applies to the next request', async () => {
  const { url, path } = await agentWithCallback({ events: ['waiting'] })
  const before = await trigger(url)
  await waitFor(async () => (await app.call('GET', `/api/tasks/${before}`)).body.state === 'SUCCESS')
  await app.call('PUT', path, { url: `${receiver.url}/done`, events: ['end'] })
  await deliveryIn(await trigger(url), 'delivered')
  expect((await app.call('GET', `/api/deliveries?task_id=${before}`)).body.data).toEqual([])
  await app.call('DELETE', path)
  const after = await trigger(url)
  await waitFor(async () => (await app.call('GET', `/api/tasks/${after}`)).body.state === 'SUCCESS')
  expect((await app.call('GET', `/api/deliveries?task_id=${after}`)).body.data).toEqual([])
})

describe('callback as a field of the webhook', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

  async function createWebhook(settings: object) {
    const { id } = await app.createAgent()
    const { status, body } = await app.call('POST', `/api/agents/${id}/webhooks`, settings)
    return { status, body, path: `/api/agents/${id}/webhooks/${body.id}` }
  }

  it('is set when the webhook is created, shown without its secret, and used', async () => {
    const { status, body, path } = await createWebhook({ callback: { url: `${receiver.url}/field`, secret } })
    expect(status, JSON.stringify(body)).toBe(201)
    const shown = {
      url: `${receiver.url}/field`,
      events: ['end'],
      content: 'full',
      hosts: [],
      disabled_at: null,
      updated_at: expect.any(String),
    }
    expect(body.callback).toEqual(shown)
    expect((await app.call('GET', path)).body.callback).toEqual(shown)
    const [listed] = (await app.call('GET', path.replace(/\/[^/]+$/, ''))).body.data
    expect(listed.callback).toEqual(shown)
    expect((await app.call('GET', `${path}/callback`)).body).toEqual({ ...shown, webhook_id: body.id })
    await deliveryIn(await trigger(body.url), 'delivered')
    const [request] = receiver.requests
    if (!request) throw new Error('nothing came')
    expect(request.path).toBe('/field')
    expect(isSigned(request, secret)).toBe(true)
  })

  it('gets a generated secret, which is shown once', async () => {
    const { body, path } = await createWebhook({ callback: { url: `${receiver.url}/` } })
    expect(body.callback.secret).toMatch(/^whsec_/)
    expect((await app.call('GET', path)).body.callback.secret).toBeUndefined()
    // A change without a secret keeps the existing one.
    const changed = await app.call('PATCH', path, {
      callback: { url: `${receiver.url}/moved`, content: 'thin' },
    })
    expect(changed.body.callback).toMatchObject({ url: `${receiver.url}/moved`, content: 'thin' })
    expect(changed.body.callback.secret).toBeUndefined()
    await deliveryIn(await trigger(body.url), 'delivered')
    const [request] = receiver.requests
    if (!request) throw new Error('nothing came')
    expect([request.path, isSigned(request, body.callback.secret)]).toEqual(['/moved', true])
  })

  it('is kept if a change leaves it out, and removed with null', async () => {
    const { body, path } = await createWebhook({ callback: { url: `${receiver.url}/` } })
    const renamed = await app.call('PATCH', path, { name: 'Renamed' })
    expect(renamed.body.callback.url).toBe(`${receiver.url}/`)
    const removed = await app.call('PATCH', path, { callback: null })
    expect(removed.body.callback).toBeNull()
    expect((await app.call('GET', path)).body.callback).toBeNull()
    expect((await app.call('GET', `${path}/callback`)).body.code).toBe('callback_not_found')
    expect((await app.call('PATCH', path, { callback: null })).status).toBe(200)
    const taskId = await trigger(body.url)
    await waitFor(async () => (await app.call('GET', `/api/tasks/${taskId}`)).body.state === 'SUCCESS')
    expect(receiver.requests).toEqual([])
  })

  it('is null by default, and in a webhook that is created with null', async () => {
    expect((await createWebhook({})).body.callback).toBeNull()
    expect((await createWebhook({ callback: null })).body.callback).toBeNull()
  })

  it('is switched on again by a change, and shows that it was off', async () => {
    const { body, path } = await createWebhook({ callback: { url: `${receiver.url}/` } })
    receiver.handle(() => ({ status: 410 }))
    await deliveryIn(await trigger(body.url), 'failed')
    expect((await app.call('GET', path)).body.callback.disabled_at).toEqual(expect.any(String))
    const saved = await app.call('PATCH', path, { callback: { url: `${receiver.url}/` } })
    expect(saved.body.callback.disabled_at).toBeNull()
  })

  it('is refused at its field if it is invalid, and nothing is created', async () => {
    const { id } = await app.createAgent()
    const path = `/api/agents/${id}/webhooks`
    for (const [callback, pointer] of [
      [{ url: 'ftp://example.com' }, '/callback/url'],
      [{ url: `${receiver.url}/`, secret: 'whsec_short' }, '/callback/secret'],
      [{ url: `${receiver.url}/`, events: ['never'] }, '/callback/events/0'],
      [{ url: `${receiver.url}/`, evnts: ['end'] }, '/callback/evnts'],
    ]) {
      const { status, body } = await app.call('POST', path, { callback })
      expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer])
    }
    expect((await app.call('GET', path)).body.data).toHaveLength(1)
  })
})

describe('with the event "step"', () => {
  /** An agent that calls the clock before it answers, and reports its steps. */
  async function agentWithSteps(callback: object = {}) {
    const { id } = await app.createAgent({
      model: 'local/test-model',
      tools: [{ type: 'builtin', name: 'current_time' }],
    })
    model.script(callTools([{ name: 'current_time', arguments: {} }]), say('It is late.'))
    const { body } = await app.call('POST', `/api/agents/${id}/webhooks`, {
      callback: { url: `${receiver.url}/steps`, events: ['step', 'end'], ...callback },
    })
    return { url: body.url as string, secret: body.callback.secret as string }
  }
  const bodies = () => receiver.requests.map(({ body }) => JSON.parse(body))

  it('each model and tool call is sent, signed, and so is the end', async () => {
    const { url, secret } = await agentWithSteps()
    const taskId = await trigger(url)
    await waitFor(() => receiver.requests.length >= 4)
    const sent = bodies()
    expect(sent.map(({ type }): string => type).toSorted()).toEqual([
      'task.step',
      'task.step',
      'task.step',
      'task.succeeded',
    ])
    expect(receiver.requests.every((request) => isSigned(request, secret))).toBe(true)
    const steps = sent
      .flatMap(({ data }) => (data.step ? [data.step] : []))
      .toSorted((one, two) => one.event - two.event)
    expect(steps.map(({ kind, name, step, state }) => ({ kind, name, step, state }))).toEqual([
      { kind: 'model', name: 'local/test-model', step: 0, state: 'done' },
      { kind: 'tool', name: 'current_time', step: 0, state: 'done' },
      { kind: 'model', name: 'local/test-model', step: 1, state: 'done' },
    ])
    expect(JSON.stringify(steps[2].output)).toContain('It is late.')
    for (const { data } of sent) expect(data.task_id).toBe(taskId)
    // In the order of the run, and all created before the end.
    const { body } = await app.call('GET', `/api/deliveries?task_id=${taskId}`)
    expect(body.data.map(({ event }: { event: string }) => event)).toEqual([
      'task.succeeded',
      'task.step',
      'task.step',
      'task.step',
    ])
    const { rowCount } = await app.database.db.pool.query('select from bellwire.delivery_cursors')
    expect(rowCount).toBe(0)
  })

  it('a step is sent while the run continues', async () => {
    const { url } = await agentWithSteps({ events: ['step'] })
    let release = (): void => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    model.reset()
    model.handle(async (_request, index) => {
      if (index === 0) return callTools([{ name: 'current_time', arguments: {} }])
      await released
      return say('Done.')
    })
    const taskId = await trigger(url)
    await waitFor(() => receiver.requests.length === 2)
    expect((await app.call('GET', `/api/tasks/${taskId}`)).body.state).toBe('STARTED')
    release()
    await waitFor(async () => (await app.call('GET', `/api/tasks/${taskId}`)).body.state === 'SUCCESS')
    await waitFor(() => receiver.requests.length === 3)
    expect(bodies().map(({ type }) => type)).toEqual(['task.step', 'task.step', 'task.step'])
  })

  it('thin content has only ids', async () => {
    const { url } = await agentWithSteps({ content: 'thin' })
    await trigger(url)
    await waitFor(() => receiver.requests.length >= 4)
    for (const { data } of bodies()) expect(Object.keys(data)).toEqual(['task_id', 'agent_id', 'webhook_id'])
  })

  it('no step is created twice, however many processes check', async () => {
    const { url } = await agentWithSteps()
    await app.stopWorker()
    const taskId = await trigger(url)
    const { pool } = app.database.db
    await pool.query(`insert into bellwire.delivery_cursors select id, 1 from bellwire.tasks where id = $1`, [
      taskId,
    ])
    await pool.query(
      `insert into bellwire.steps (task_id, key, event, kind, name, step, state, attempt, started_at)
        select $1, 'model/' || n, n + 1, 'model', 'm', n, 'done', 1, now() from generate_series(1, 300) n`,
      [taskId],
    )
    await pool.query('update bellwire.tasks set last_event = 301 where id = $1', [taskId])
    await Promise.all(Array.from({ length: 8 }, () => createStepDeliveries(app.database.db)))
    await app.call('POST', `/api/tasks/${taskId}/cancel`)
    const { rows } = await pool.query<{ event: string; count: number; events: number }>(
      `select event, count(*)::int as count, count(distinct task_event)::int as events from bellwire.deliveries
        where task_id = $1 group by 1 order by 1`,
      [taskId],
    )
    await pool.query('update bellwire.deliveries set due_at = null where task_id = $1', [taskId])
    await app.startWorker()
    expect(rows).toEqual([
      { event: 'task.cancelled', count: 1, events: 1 },
      { event: 'task.step', count: 300, events: 300 },
    ])
  })
})

describe('with the event "waiting"', () => {
  async function triggerWith(...calls: Parameters<typeof callTools>[0]) {
    const { id } = await app.createAgent({
      model: 'local/test-model',
      tools: [
        { type: 'builtin', name: 'ask_person' },
        { type: 'builtin', name: 'wait_for_callback' },
      ],
    })
    model.script(...calls.map((call) => callTools([call])))
    const { body } = await app.call('POST', `/api/agents/${id}/webhooks`, {
      callback: { url: `${receiver.url}/waiting`, events: ['waiting'] },
    })
    return trigger(body.url)
  }
  const reach = (taskId: string, state: string) =>
    waitFor(async () => {
      const { body } = await app.call('GET', `/api/tasks/${taskId}`)
      return body.state === state && body
    })

  it('a question to a person is sent with everything needed to answer it', async () => {
    const taskId = await triggerWith({
      name: 'ask_person',
      arguments: { question: 'Which one?', choices: ['left', 'right'] },
    })
    expect(await deliveryIn(taskId, 'delivered')).toMatchObject({ event: 'task.waiting' })
    const { approvals } = JSON.parse(receiver.requests[0]?.body ?? '').data
    expect(approvals).toEqual([
      {
        id: expect.any(String),
        tool: 'ask_person',
        question: 'Which one?',
        arguments: {},
        parameters: expect.objectContaining({
          properties: { answer: { type: 'string', enum: ['left', 'right'] } },
        }),
        expires_at: expect.any(String),
      },
    ])
  })

  it('a wait for a callback is not sent: no person can end it', async () => {
    model.handle(({ body }) => {
      const [result] = body.messages.filter(({ role }) => role === 'tool')
      const id = /"id":"([^"]+)"/.exec(String(result?.content))?.[1]
      return callTools([{ name: 'wait_for_callback', arguments: { id } }])
    })
    const taskId = await triggerWith({ name: 'create_callback_url', arguments: {} })
    await reach(taskId, 'WAITING')
    expect((await app.call('GET', `/api/deliveries?task_id=${taskId}`)).body.data).toEqual([])
  })
})
