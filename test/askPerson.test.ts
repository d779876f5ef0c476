import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { toolTexts } from './harness/callbackModel.ts'
import { startMcpServer, type McpTestServer } from './harness/mcpServer.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let tools: ToolServer
let shop: McpTestServer
let app: TestApp
let other: { url: string; stop(): Promise<void> }

const COLOURS = { question: 'Which <colour> & "shade"?', choices: ['Red', 'Blue <b>', "It's green"] }

/** A form with a field of each kind. */
const FORM = {
  message: 'Who gets it?',
  requestedSchema: {
    type: 'object' as const,
    properties: {
      name: { type: 'string' as const, title: 'Full name', minLength: 2 },
      count: { type: 'integer' as const, default: 2 },
      gift: { type: 'boolean' as const },
      size: { type: 'string' as const, enum: ['S', 'M'] },
      note: { type: 'string' as const },
    },
    required: ['name', 'size'],
  },
}

beforeAll(async () => {
  model = await startModelServer()
  tools = await startToolServer()
  shop = await startMcpServer([
    { name: 'order', call: async ({ elicit }) => JSON.stringify((await elicit?.(FORM))?.content ?? null) },
  ])
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
  other = await app.startFrontDoor()
})

beforeEach(() => {
  model.reset()
  tools.reset()
})

afterAll(async () => {
  await other?.stop()
  await app?.stop()
  await Promise.all([model?.stop(), tools?.stop(), shop?.stop()])
})

const ASK = [{ type: 'builtin', name: 'ask_person' }]

function modelCalls(...calls: { name: string; arguments: unknown }[]): void {
  model.handle(({ body }) =>
    toolTexts(body).length > 0
      ? say('All done.')
      : callTools(calls.map((call, at) => ({ id: `call${at}`, ...call }))),
  )
}

function reach(taskId: string, state: string) {
  return waitFor(
    async () => {
      const { body } = await app.call('GET', `/api/tasks/${taskId}`)
      return body.state === state && body
    },
    { what: `the state ${state}`, deadlineMs: 20_000 },
  )
}

async function start(config: object): Promise<string> {
  const agent = await app.createAgent({ name: 'Painter <1>', model: 'local/test', ...config })
  return (await app.call('POST', agent.url, { question: 'Go on.' })).body.task_id
}

/** A task that waits for the answer to a question. */
async function asking(args: object = COLOURS, config: object = {}) {
  modelCalls({ name: 'ask_person', arguments: args })
  const taskId = await start({ tools: ASK, ...config })
  const task = await reach(taskId, 'WAITING')
  expect(task.approvals).toHaveLength(1)
  return { taskId, task, approval: task.approvals[0] }
}

/** A task that waits for the approval of a payment. */
async function paying() {
  modelCalls({ name: 'pay', arguments: { to: '</pre><script>alert(1)</script>' } })
  const pay = {
    type: 'http',
    name: 'pay',
    description: 'Pays.',
    method: 'POST',
    url: `${tools.url}/payments`,
    access: 'write',
    approval: 'always',
    parameters: { type: 'object', properties: { to: { type: 'string' } } },
  }
  const taskId = await start({ tools: [pay] })
  const task = await reach(taskId, 'WAITING')
  return { taskId, approval: task.approvals[0] }
}

/** Opens a link, or sends a form to it, as a browser without a session does. */
async function open(url: string, form?: Record<string, string>) {
  const response = await fetch(url, {
    redirect: 'manual',
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  })
  return { status: response.status, headers: response.headers, html: await response.text() }
}

describe('a question to a person', () => {
  it('is answered over the API, at another front door, and the answer is not marked as external data', async () => {
    const { taskId, task, approval } = await asking()
    expect(approval).toMatchObject({
      tool: 'ask_person',
      question: COLOURS.question,
      parameters: { properties: { answer: { enum: COLOURS.choices } }, required: ['answer'] },
      arguments: {},
      decided_via: null,
    })
    expect(task.waiting_for).toMatchObject([
      { kind: 'question', id: approval.id, until: approval.expires_at },
    ])
    expect((await app.call('GET', '/api/approvals?state=waiting')).body.data[0]).toEqual(approval)
    await app.stopWorker()
    const path = `${other.url}/api/approvals/${approval.id}/approve`
    const auth = { authorization: `Bearer ${app.adminKey}` }
    expect(await app.call('POST', path, { arguments: { answer: 'Pink' } }, auth)).toMatchObject({
      status: 422,
    })
    const answered = await app.call('POST', path, { arguments: { answer: 'Red' } }, auth)
    expect(answered).toMatchObject({
      status: 200,
      body: {
        state: 'approved',
        edited_arguments: { answer: 'Red' },
        decided_via: 'api',
        decided_by: expect.any(String),
        decided_by_name: expect.any(String),
        links: null,
      },
    })
    await app.startWorker()
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[0]).toMatchObject({ name: 'ask_person', result: { answer: 'Red' } })
    expect(toolTexts(model.requests.at(-1)?.body ?? { model: '', messages: [] })).toEqual([
      '{"answer":"Red"}',
    ])
    expect(model.requests).toHaveLength(2)
  })

  it('is declined with a reason', async () => {
    const { taskId, approval } = await asking()
    await app.call('POST', `/api/approvals/${approval.id}/deny`, { reason: 'Ask me tomorrow.' })
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[0].result).toEqual({ declined: true, reason: 'Ask me tomorrow.' })
  })

  it('is closed when nobody answers in time', async () => {
    const { taskId } = await asking(COLOURS, { approvals: { timeout_seconds: 0.2 } })
    expect((await reach(taskId, 'SUCCESS')).result.tool_calls[0].result).toEqual({ timed_out: true })
  })

  it('waits forever, if the agent is configured so', async () => {
    const { taskId, task, approval } = await asking(
      { question: 'Why?' },
      { approvals: { timeout_seconds: 'never' } },
    )
    expect([approval.expires_at, task.waiting_for[0].until]).toEqual([null, null])
    const { rows } = await app.database.db.pool.query(
      `select due_at = 'infinity' as never from bellwire.queue where task_id = $1`,
      [taskId],
    )
    expect(rows).toEqual([{ never: true }])
    expect((await open(approval.links.approve)).html).not.toContain('automatically')
    await app.call('POST', `/api/approvals/${approval.id}/approve`, { arguments: { answer: 'Because.' } })
    expect((await reach(taskId, 'SUCCESS')).result.tool_calls[0].result).toEqual({ answer: 'Because.' })
  })

  it('is asked next to another one', async () => {
    modelCalls(
      { name: 'ask_person', arguments: { question: 'One?' } },
      { name: 'ask_person', arguments: { question: 'Two?', choices: ['a', 'b'] } },
    )
    const taskId = await start({ tools: ASK })
    const { approvals } = await reach(taskId, 'WAITING')
    const answers = ['1', 'b']
    for (const [at, { id }] of approvals.entries()) {
      await app.call('POST', `/api/approvals/${id}/approve`, { arguments: { answer: answers[at] } })
    }
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls.map(({ result }: { result: unknown }) => result)).toEqual([
      { answer: '1' },
      { answer: 'b' },
    ])
  })
})

describe('a signed link', () => {
  it('shows the question and its choices, and one click answers', async () => {
    const { taskId, approval } = await asking()
    const { approve, deny } = approval.links
    expect(approve).toMatch(
      new RegExp(`^${app.url}/api/approvals/${approval.id}/approve\\?key=\\d+\\.[\\w-]{22}$`),
    )
    for (const url of [approve, deny]) {
      const page = await open(url)
      expect(page.status).toBe(200)
      expect(page.headers.get('content-security-policy')).toMatch(
        /default-src 'none'; style-src 'sha256-[^;]+'; form/,
      )
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(page.html).toContain('Which &lt;colour&gt; &amp; &quot;shade&quot;?')
      expect(page.html).toContain('value="Blue &lt;b&gt;"')
      expect(page.html).toContain('value="It&#39;s green"')
      expect(page.html).not.toContain('<script')
    }
    expect((await reach(taskId, 'WAITING')).approvals[0].state).toBe('waiting')
    const wrong = await open(approve, { 'answer.answer': 'Pink' })
    expect([wrong.status, wrong.html]).toEqual([422, expect.stringContaining('role="alert"')])
    const answered = await open(approve, { 'answer.answer': 'Blue <b>' })
    expect([answered.status, answered.html]).toEqual([200, expect.stringContaining('has been answered')])
    const late = await open(approve, { 'answer.answer': 'Red' })
    expect([late.status, late.html]).toEqual([409, expect.stringContaining('has been answered')])
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[0].result).toEqual({ answer: 'Blue <b>' })
    expect(done.approvals[0]).toMatchObject({ decided_via: 'link', decided_by: null, decided_by_name: null })
    expect((await open(approve)).html).toContain('has been answered')
  })

  it('takes text if there are no choices', async () => {
    const { taskId, approval } = await asking({ question: 'Why?' })
    expect((await open(approval.links.approve)).html).toContain('<textarea')
    await open(approval.links.approve, { 'answer.answer': 'Two\r\nlines & more' })
    expect((await reach(taskId, 'SUCCESS')).result.tool_calls[0].result).toEqual({
      answer: 'Two\nlines & more',
    })
  })

  it('has a field for each part of the form of an MCP server', async () => {
    modelCalls({ name: 'shop_order', arguments: {} })
    const taskId = await start({ tools: [{ type: 'mcp', name: 'shop', url: shop.url }] })
    const [{ links }] = (await reach(taskId, 'WAITING')).approvals
    const { html } = await open(links.approve)
    for (const part of ['Full name', 'type="number"', 'value="2"', 'type="checkbox"', '<option value="M">']) {
      expect(html).toContain(part)
    }
    const wrong = await open(links.approve, { 'answer.name': 'A', 'answer.count': 'two', 'answer.size': 'S' })
    expect([wrong.status, wrong.html]).toEqual([422, expect.stringMatching(/name .*count /)])
    await open(links.approve, {
      'answer.name': 'Ada',
      'answer.count': '3',
      'answer.gift': 'true',
      'answer.size': 'M',
      'answer.note': '',
    })
    const done = await reach(taskId, 'SUCCESS')
    expect(JSON.parse(done.result.tool_calls[0].result.text)).toEqual({
      name: 'Ada',
      count: 3,
      gift: true,
      size: 'M',
    })
  })

  it('approves a call after a confirmation, or denies it with a reason', async () => {
    const first = await paying()
    const page = await open(first.approval.links.approve)
    expect(page.html).toContain('&lt;/pre&gt;&lt;script&gt;')
    expect(page.html).not.toContain('<script')
    expect(tools.requests).toHaveLength(0)
    const approved = await open(first.approval.links.approve, {})
    expect([approved.status, approved.html]).toEqual([200, expect.stringContaining('has been approved')])
    await reach(first.taskId, 'SUCCESS')
    expect(tools.requests).toHaveLength(1)

    const second = await paying()
    await open(second.approval.links.deny, { reason: 'Not today.' })
    const done = await reach(second.taskId, 'SUCCESS')
    expect(done.approvals[0]).toMatchObject({ state: 'denied', reason: 'Not today.', decided_via: 'link' })
    expect(tools.requests).toHaveLength(1)
  })

  it('accepts JSON from programs, too', async () => {
    const { taskId, approval } = await paying()
    const { status, body } = await app.call('POST', approval.links.approve, { arguments: { to: 'me' } })
    expect([status, body.decided_via]).toEqual([200, 'link'])
    await reach(taskId, 'SUCCESS')
    expect(tools.requests.at(-1)?.body).toBe('{"to":"me"}')
  })

  it('works only for its own approval, for both purposes', async () => {
    const one = await asking()
    const two = await asking()
    const [, key = ''] = one.approval.links.approve.split('?key=')
    const [day, signature] = key.split('.')
    for (const wrong of [
      `${other.url}/api/approvals/${two.approval.id}/approve?key=${key}`,
      `${app.url}/api/approvals/${one.approval.id}/approve?key=${Number(day) + 1}.${signature}`,
      `${app.url}/api/approvals/${one.approval.id}/deny?key=`,
    ]) {
      for (const form of [undefined, { 'answer.answer': 'Red' }]) {
        const { status, html } = await open(wrong, form)
        expect([status, JSON.parse(html).code]).toEqual([403, 'link_invalid'])
      }
    }
    expect((await open(one.approval.links.approve.replace(/\?.*/, ''))).status).toBe(401)
    expect((await open(`${one.approval.links.deny.replace('/deny', '/approve')}`)).status).toBe(200)
    for (const { taskId } of [one, two]) await app.call('POST', `/api/tasks/${taskId}/cancel`)
    expect((await open(one.approval.links.approve)).html).toContain('the task was cancelled')
  })

  it('is not in the events, which anyone who started the task can read', async () => {
    const { taskId, approval } = await asking()
    await app.call('POST', `/api/approvals/${approval.id}/deny`)
    await reach(taskId, 'SUCCESS')
    const { body } = await app.call('GET', `/api/tasks/${taskId}/events`, undefined, { 'last-event-id': '0' })
    expect(String(body)).toContain(approval.id)
    expect(String(body)).not.toContain('?key=')
  })
})
