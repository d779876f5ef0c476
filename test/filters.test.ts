import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'

let model: ModelServer
let tools: ToolServer
let app: TestApp
let agentId: string

beforeAll(async () => {
  model = await startModelServer()
  tools = await startToolServer()
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
  const parameters = { type: 'object', properties: {} }
  const { id } = await app.createAgent({
    model: 'local/test',
    tools: [
      {
        type: 'http',
        name: 'comment',
        description: 'Writes a comment.',
        method: 'POST',
        url: `${tools.url}/comments`,
        access: 'write',
        parameters,
      },
      {
        type: 'http',
        name: 'look',
        description: 'Reads the comments.',
        url: `${tools.url}/comments`,
        access: 'read',
        parameters,
      },
    ],
  })
  agentId = id
})

beforeEach(() => {
  model.reset()
  tools.reset()
  model.handle(() => say('Nothing to do.'))
})

afterAll(async () => {
  await app?.stop()
  await Promise.all([model?.stop(), tools?.stop()])
})

async function createWebhook(settings: object): Promise<{ id: string; url: string }> {
  const { status, body } = await app.call('POST', `/api/agents/${agentId}/webhooks`, settings)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

/** Sends an event about an object, as a CloudEvent. */
let events = 0
const ring = (url: string, subject: string): Promise<Reply> =>
  app.call('POST', url, { subject }, cloudEvent(subject))

function cloudEvent(subject: string): Record<string, string> {
  events += 1
  return {
    'ce-specversion': '1.0',
    'ce-id': `e${events}`,
    'ce-source': '/tracker',
    'ce-type': 'comment.created',
    'ce-subject': subject,
  }
}

const taskOf = async ({ body }: Reply) => (await app.call('GET', `/api/tasks/${body.task_id}`)).body

/** Waits until the task of a reply has ended. */
async function finished({ body }: Reply): Promise<string> {
  const { body: status } = await app.call('GET', `/api/task_status?task_id=${body.task_id}&wait=30`)
  expect(status.status).toBe('SUCCESS')
  return body.task_id
}

/** Runs the agent once, which calls a tool that answers with this. */
async function runThatGets(url: string, tool: string, result: unknown): Promise<string> {
  tools.handle(() => ({ status: 201, body: result }))
  model.handle(({ body }) =>
    body.messages.some(({ role }) => role === 'tool')
      ? say('Done.')
      : callTools([{ id: 'c', name: tool, arguments: {} }]),
  )
  return finished(await app.call('POST', url, { question: 'Comment.' }))
}

describe('a filter', () => {
  it('lets in what it is true of, and acknowledges the rest', async () => {
    const { url } = await createWebhook({
      filter: 'payload.action == "opened" && query.team == "a" && event == "comment.created"',
    })
    const headers = cloudEvent('x')
    expect(
      (await app.call('POST', `${url}?team=a`, { action: 'opened' }, headers)).body.task_id,
    ).toBeDefined()
    const { status, body } = await app.call('POST', `${url}?team=a`, { action: 'closed' }, headers)
    expect([status, body]).toEqual([200, { success: true, ignored: true, reason: 'filtered' }])
    const other = await app.call('POST', `${url}?team=b`, { action: 'opened' }, headers)
    expect(other.body.reason).toBe('filtered')
  })

  it('that has no value does not start the agent, and says so', async () => {
    const { url } = await createWebhook({ filter: 'payload.comment.body == "/fix"' })
    expect((await app.call('POST', url, { comment: { body: '/fix' } })).body.task_id).toBeDefined()
    const { status, body } = await app.call('POST', url, { issue: 1 })
    expect([status, body]).toEqual([200, { success: true, ignored: true, reason: 'filter_failed' }])
  })

  it.each([
    ['filter', 'payload.a = 1', 'line 1, column 11'],
    ['trusted', 'paylod.a == 1', 'line 1, column 1: Unknown variable: paylod'],
    ['filter', 'event', 'gives a value of type string'],
  ])('%s %j is refused with the place', async (field, text, detail) => {
    const { status, body } = await app.call('POST', `/api/agents/${agentId}/webhooks`, { [field]: text })
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ pointer: `/${field}`, detail: expect.stringContaining(detail) }])
  })

  it('can be changed and taken away', async () => {
    const { id, url } = await createWebhook({ filter: 'false' })
    const path = `/api/agents/${agentId}/webhooks/${id}`
    expect((await app.call('POST', url, {})).body.reason).toBe('filtered')
    expect((await app.call('PATCH', path, { filter: null })).body.filter).toBeUndefined()
    expect((await app.call('POST', url, {})).body.task_id).toBeDefined()
  })

  it('that is hostile does not hold up anybody else', async () => {
    const { url } = await createWebhook({
      filter: 'payload.a.all(x, payload.a.all(y, payload.a.all(z, x + y + z >= 0)))',
    })
    const payload = JSON.stringify({ a: Array.from({ length: 500_000 }, (_, i) => i) })
    let done = false
    const hostile = Promise.all([1, 2, 3].map(() => app.call('POST', url, payload))).finally(
      () => (done = true),
    )
    const times: number[] = []
    while (!done) {
      const began = performance.now()
      expect((await app.call('GET', '/healthz')).status).toBe(200)
      times.push(performance.now() - began)
      await new Promise(setImmediate)
    }
    times.sort((a, b) => a - b)
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(250)
    for (const { body } of await hostile) expect(body.reason).toBe('filter_failed')
  })
})

describe('an echo', () => {
  it('of what the agent has made is ignored, with the task that made it', async () => {
    const { url } = await createWebhook({})
    const taskId = await runThatGets(url, 'comment', {
      id: 301_415,
      url: 'https://api.tracker.example/v3/comments/301415',
      html_url: 'https://tracker.example/issues/7#note_301415',
      issue_url: 'https://api.tracker.example/v3/issues/7',
      user: { id: 991_991 },
    })
    for (const own of [
      'https://tracker.example/issues/7#note_301415',
      'https://api.tracker.example/v3/comments/301415/',
      'https://api.tracker.example/v2/comments/301415',
      '301415',
    ]) {
      const { status, body } = await ring(url, own)
      expect([status, body]).toEqual([
        200,
        { success: true, ignored: true, reason: 'own_echo', task_id: taskId },
      ])
    }
    // A person's comment on the same issue, and the issue itself.
    for (const foreign of [
      'https://tracker.example/issues/7#note_301416',
      'https://api.tracker.example/v3/issues/7',
      '991991',
    ]) {
      expect((await ring(url, foreign)).body.task_id).toBeDefined()
    }
  })

  it('is one for its own agent alone, for an hour, and only where that is wanted', async () => {
    const { url } = await createWebhook({})
    const careless = await createWebhook({ ignore_own: false })
    const other = await app.createAgent()
    const own = 'https://tracker.example/issues/8#note_500001'
    await runThatGets(url, 'comment', { html_url: own })
    expect((await ring(url, own)).body.reason).toBe('own_echo')
    expect((await ring(careless.url, own)).body.task_id).toBeDefined()
    expect((await ring(other.url, own)).body.task_id).toBeDefined()
    await app.database.db.pool.query(
      `update bellwire.own_objects set made_at = now() - interval '61 minutes'`,
    )
    expect((await ring(url, own)).body.task_id).toBeDefined()
  })

  it('is none of what the agent has only read', async () => {
    const { url } = await createWebhook({})
    await runThatGets(url, 'look', { html_url: 'https://tracker.example/issues/9#note_600001' })
    expect((await ring(url, 'https://tracker.example/issues/9#note_600001')).body.task_id).toBeDefined()
  })
})

describe('too many events about one object', () => {
  it('are held, across processes, and others are not', async () => {
    const { url } = await createWebhook({ loop_limit: 5 })
    const door = await app.startFrontDoor()
    try {
      const elsewhere = url.replace(app.url, door.url)
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, n) => ring(n % 2 === 0 ? url : elsewhere, 'issue-1')),
      )
      const held = await Promise.all(replies.map(async (reply) => (await taskOf(reply)).held?.reason))
      expect(held.filter((reason) => reason === 'loop_suspected').length).toBe(7)
      expect(held.filter((reason) => reason === undefined).length).toBe(5)
      expect((await taskOf(await ring(url, 'issue-2'))).held).toBe(null)
      expect(app.logged()).toContain('a loop is suspected')
      const metrics = await app.call('GET', '/metrics', undefined, {
        authorization: `Bearer ${app.adminKey}`,
      })
      expect(metrics.body).toContain('bellwire_loops_suspected_total')

      await app.database.db.pool.query(
        `update bellwire.object_rings set rings = array(select at - interval '11 minutes' from unnest(rings) at)`,
      )
      expect((await taskOf(await ring(url, 'issue-1'))).held).toBe(null)
    } finally {
      await door.stop()
    }
  })

  it('are not held where the limit is 0', async () => {
    const { url } = await createWebhook({ loop_limit: 0 })
    const replies = await Promise.all(Array.from({ length: 25 }, () => ring(url, 'issue-3')))
    for (const reply of replies) expect((await taskOf(reply)).held).toBe(null)
  })
})

it('a task shows whether its sender is verified and its author is trusted', async () => {
  const { url } = await createWebhook({ trusted: 'true' })
  const task = await taskOf(await app.call('POST', url, {}))
  expect([task.sender_verified, task.sender_trusted]).toEqual([false, false])
  const answer = await app.call(
    'POST',
    '/api/answer',
    { question: 'Hi', agent_id: agentId },
    {
      authorization: `Bearer ${app.adminKey}`,
    },
  )
  const asked = await taskOf(answer)
  expect([asked.sender_verified, asked.sender_trusted]).toEqual([true, true])
})
