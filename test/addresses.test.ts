import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'

let app: TestApp
let agent: { id: string; url: string }

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  agent = await app.createAgent()
})
afterAll(() => app?.stop())

async function countTasks(): Promise<number> {
  const { rows } = await app.database.db.pool.query<{ count: string }>('select count(*) from bellwire.tasks')
  return Number(rows[0]?.count)
}

describe('HEAD on a webhook', () => {
  it('is 200 for a known token, 404 for an unknown one, and starts nothing', async () => {
    const before = await countTasks()
    expect(await app.call('HEAD', `${agent.url}?a=1`)).toMatchObject({ status: 200, body: '' })
    expect(await app.call('HEAD', `${agent.url}x`)).toMatchObject({ status: 404, body: '' })
    expect(await countTasks()).toBe(before)
  })

  it('is 404 once the webhook is disabled', async () => {
    const made = await app.createAgent()
    const list = await app.call('GET', `/api/agents/${made.id}/webhooks`)
    await app.call('PATCH', `/api/agents/${made.id}/webhooks/${list.body.data[0].id}`, { enabled: false })
    expect((await app.call('HEAD', made.url)).status).toBe(404)
  })
})

describe('an invalid Content-Type', () => {
  it.each(['', 'json', ';;', 'a/b/c'])('%j is refused with a problem document', async (type) => {
    for (const url of [agent.url, `${app.url}/api/agents`]) {
      const { status, contentType, text } = await postAs(url, type)
      expect(status).toBe(415)
      expect(contentType).toMatch(/^application\/problem\+json\b/)
      expect(JSON.parse(text)).toMatchObject({
        status: 415,
        code: 'content_type_unsupported',
        success: false,
      })
    }
  })

  /** fetch does not send empty headers. */
  async function postAs(url: string, type: string) {
    const request = httpRequest(url, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${app.adminKey}` },
    })
    request.end('{"a":1}')
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const { statusCode: status, headers } = response
    return { status, contentType: headers['content-type'], text: await readText(response) }
  }
})

it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  '%s on the status of a task has no numeric status',
  async (method) => {
    for (const path of ['/api/task_status', '/api/task_status/?task_id=x']) {
      const { status, body } = await app.call(method, path)
      expect([status, body.code, body.status]).toEqual([405, 'method_not_allowed', undefined])
    }
  },
)

it('says which waits are valid', async () => {
  const { status, body } = await app.call('GET', '/api/task_status?task_id=x&wait=abc')
  expect(status).toBe(422)
  const wanted = 'must be a number of seconds, such as 30; more than 60 counts as 60'
  expect(body.detail).toBe(`The parameter "wait" ${wanted}.`)
  expect(body.errors).toEqual([{ pointer: '?wait', detail: wanted }])
})

describe('a trailing slash', () => {
  it('makes no difference, wherever clients call', async () => {
    const posted = await app.call('POST', `${agent.url}/`, { a: 1 })
    expect(posted).toMatchObject({ status: 200, body: { success: true } })
    const asked = await app.call('GET', `${agent.url}/?a=1`)
    expect(asked.status).toBe(200)
    expect((await app.call('GET', `/api/tasks/${asked.body.task_id}`)).body.payload).toEqual({ a: '1' })
    expect((await app.call('HEAD', `${agent.url}/`)).status).toBe(200)
    const status = await app.call('GET', `/api/task_status/?task_id=${posted.body.task_id}`)
    expect(status.body).toEqual({ status: 'PENDING', result: null })
    expect((await app.call('GET', `/api/agent_webhook/?id=${agent.id}`)).body.webhook_url).toBe(agent.url)
    const answer = await app.call('POST', '/api/answer/', {})
    expect(answer).toMatchObject({ status: 422, body: { code: 'schema_invalid' } })
    expect((await app.call('GET', '/api/tasks/')).status).toBe(200)
    const cancel = posted.body.links.cancel.replace('/cancel?', '/cancel/?')
    expect((await app.call('POST', cancel)).body.state).toBe('CANCELLED')
  })

  it('does not change which methods a URL accepts', async () => {
    const reply = await app.call('PUT', `${agent.url}/`)
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST'])
    const options = await app.call('OPTIONS', `${agent.url}/`)
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST'])
    expect((await app.call('GET', '/api/nope/')).status).toBe(404)
  })

  it('alone is not a token', async () => {
    const base = agent.url.slice(0, agent.url.lastIndexOf('/'))
    expect((await app.call('POST', `${base}/`, {})).status).toBe(404)
    expect((await app.call('POST', `${agent.url}//`, {})).status).toBe(404)
  })
})

describe('a browser that opens a webhook', () => {
  // In addition to Sec-Fetch-Mode, which this test's client sets by itself.
  const navigates = { 'upgrade-insecure-requests': '1' }

  it('gets a confirmation page, whose button starts the agent with the query', async () => {
    const before = await countTasks()
    const url = `${agent.url}?order=7&payload=%7B%7D&tag=a&tag=b`
    const page = await app.call('GET', url, undefined, navigates)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self'")
    expect(page.headers.get('x-frame-options')).toBe('DENY')
    expect(page.body).toContain('Start this agent?')
    // Such a form has no action: a browser posts its one field to the page's own URL.
    const key =
      /<form method="post"><input type="hidden" name="bellwire_idempotency_key" value="([^"]+)"><button>/
    const [, value = ''] = key.exec(page.body) ?? []
    const again = await app.call('GET', url, undefined, navigates)
    expect(again.body).not.toContain(value)
    expect(await countTasks()).toBe(before)

    const form = { ...navigates, 'content-type': 'application/x-www-form-urlencoded', origin: app.url }
    const click = () => app.call('POST', url, `bellwire_idempotency_key=${value}`, form)
    const [posted, twice] = await Promise.all([click(), click()])
    expect(posted).toMatchObject({ status: 200, body: { success: true } })
    expect(twice.body.task_id).toBe(posted.body.task_id)
    expect(await countTasks()).toBe(before + 1)
    const task = await app.call('GET', `/api/tasks/${posted.body.task_id}`)
    expect(task.body.payload).toEqual({ order: '7', payload: '{}', tag: ['a', 'b'] })
  })

  it('gets a page for an unknown token, and link previews start nothing', async () => {
    const before = await countTasks()
    expect((await app.call('GET', `${agent.url}x`, undefined, navigates)).status).toBe(404)
    const preview = await app.call('GET', agent.url, undefined, { 'user-agent': 'Twitterbot/1.0' })
    expect([preview.status, preview.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await countTasks()).toBe(before)
  })

  it('starts the agent immediately if the webhook allows it', async () => {
    const made = await app.createAgent()
    const { body } = await app.call('GET', `/api/agents/${made.id}/webhooks`)
    const path = `/api/agents/${made.id}/webhooks/${body.data[0].id}`
    expect(body.data[0].allow_navigation).toBe(false)
    await app.call('PATCH', path, { methods: ['GET'] })
    const page = await app.call('GET', made.url, undefined, navigates)
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('Nothing was started')])
    expect(page.body).not.toContain('<form')
    await app.call('PATCH', path, { allow_navigation: true })
    expect((await app.call('GET', made.url, undefined, navigates)).body.success).toBe(true)
  })
})

describe('a page of another origin', () => {
  const origin = 'https://shop.example'
  const preflight = (path: string, headers: Record<string, string> = {}) =>
    app.call('OPTIONS', path, undefined, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,idempotency-key,prefer',
      ...headers,
    })

  it('may start an agent, and read the result', async () => {
    const before = await countTasks()
    const asked = await preflight(agent.url)
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe('*')
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST')
    expect(asked.headers.get('access-control-allow-headers')).toContain('Idempotency-Key')
    expect(asked.headers.get('access-control-allow-headers')).toContain('Prefer')
    expect(Number(asked.headers.get('access-control-max-age'))).toBeGreaterThan(0)
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull()
    expect(await countTasks()).toBe(before)

    const reply = await app.call('POST', agent.url, {}, { origin, 'idempotency-key': 'cors' })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('access-control-allow-origin')).toBe('*')
    expect(reply.headers.get('access-control-expose-headers')).toContain('Idempotency-Replayed')
    expect(reply.headers.get('access-control-allow-credentials')).toBeNull()
    // A browser would discard the response to a request without CORS, after the task was started.
    expect(reply.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    for (const link of Object.values<string>(reply.body.links)) {
      expect((await preflight(link)).headers.get('access-control-allow-origin')).toBe('*')
    }
    const status = await app.call('GET', reply.body.links.status, undefined, { origin })
    expect(status.headers.get('access-control-allow-origin')).toBe('*')
    const cancelled = await app.call('POST', reply.body.links.cancel, undefined, { origin })
    expect(cancelled.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('may read why it was refused', async () => {
    const reply = await app.call('POST', `${agent.url}x`, {}, { origin })
    expect(reply).toMatchObject({ status: 404, body: { code: 'webhook_not_found' } })
    expect(reply.headers.get('access-control-allow-origin')).toBe('*')
  })

  it.each([
    ['GET', '/api/agents'],
    ['POST', '/api/agents'],
    ['GET', '/api/tasks'],
    ['GET', '/api/tasks/019ab7de-0000-7000-8000-000000000000'],
    ['GET', '/api/agent_webhook?id=019ab7de-0000-7000-8000-000000000000'],
    ['GET', '/api/secrets'],
    ['GET', '/api/session'],
    ['POST', '/api/answer'],
    ['GET', '/metrics'],
    ['GET', '/api/nope'],
  ])('may not call %s %s', async (method, path) => {
    for (const reply of [
      await preflight(path, { 'access-control-request-method': method }),
      await app.call(method, path, method === 'POST' ? {} : undefined, { origin }),
    ]) {
      const names = [...reply.headers.keys()].filter((name) => name.startsWith('access-control'))
      expect(names).toEqual([])
    }
  })
})

describe('BELLWIRE_CORS_ORIGINS', () => {
  it('lists the origins that may call', async () => {
    const listed = await startTestApp(
      { BELLWIRE_CORS_ORIGINS: 'https://shop.example, http://localhost:3000' },
      { worker: false },
    )
    try {
      const { url } = await listed.createAgent()
      for (const [origin, allowed] of [
        ['https://shop.example', 'https://shop.example'],
        ['http://localhost:3000', 'http://localhost:3000'],
        ['https://evil.example', null],
        ['https://shop.example.evil.example', null],
        ['null', null],
      ] as const) {
        const reply = await listed.call('POST', url, {}, { origin })
        expect(reply.headers.get('access-control-allow-origin')).toBe(allowed)
        expect(reply.headers.get('vary')).toContain('Origin')
        const preflight = await listed.call('OPTIONS', url, undefined, {
          origin,
          'access-control-request-method': 'POST',
        })
        expect(preflight.headers.get('access-control-allow-origin')).toBe(allowed)
      }
      const waited = await listed.call('POST', url, {}, { prefer: 'wait=0' })
      expect(waited.headers.get('vary')).toBe('Origin, Prefer')
    } finally {
      await listed.stop()
    }
  })

  it('none disables cross-origin calls', async () => {
    const closed = await startTestApp({ BELLWIRE_CORS_ORIGINS: 'none' }, { worker: false })
    try {
      const { url } = await closed.createAgent()
      const reply = await closed.call('POST', url, {}, { origin: 'https://shop.example' })
      expect(reply.status).toBe(200)
      expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(reply.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    } finally {
      await closed.stop()
    }
  })
})
