import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACCESS } from '../src/contract/access.ts'
import { startTestApp, type TestApp } from './harness/api.ts'
import { toolTexts, urlsGiven } from './harness/callbackModel.ts'
import { openEvents, type Events } from './harness/events.ts'
import { callTools, say, startModelServer, type ModelServer, type Recorded } from './harness/modelServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let tools: ToolServer
let app: TestApp
let builder: { id: string; url: string }
let other: { id: string; url: string }
let taskId: string
let otherTaskId: string
let approvalId: string
let rejectionId: string
/** The URL that is hidden from those who may not call it, and its secret. */
let url: string
let token: string
const keys = new Map<string, string>()
const streams = new Map<string, Events>()
const everything = new Map<string, Events>()

/** Creates a URL, hands it out in every form, waits for it, and ends. */
function build(request: Recorded) {
  const { length } = toolTexts(request.body)
  if (length === 0) return callTools([{ id: 'c', name: 'create_callback_url', arguments: {} }])
  const [made = { id: '', url: '' }] = urlsGiven(request)
  const secret = made.url.split('/').at(-1) ?? ''
  const given = { callback: made.url, next: `https://ci.example/?to=${encodeURIComponent(made.url)}`, secret }
  if (length === 1) {
    const text = `I pass on ${made.url} to the build.`
    return say(text, {
      reasoning: `They can call ${made.url}`,
      pieces: text.match(/.{1,7}/gs) ?? [],
      toolCalls: [{ id: 'b', name: 'start_build', arguments: given }],
    })
  }
  if (length === 2) return callTools([{ id: 'w', name: 'wait_for_callback', arguments: { id: made.id } }])
  return say(`Built. The URL was ${made.url}`)
}

const as = (role: string) => ({ authorization: `Bearer ${keys.get(role)}` })

function reach(id: string, state: string, more = (_task: Record<string, unknown[]>) => true) {
  return waitFor(
    async () => {
      const { body } = await app.call('GET', `/api/tasks/${id}`)
      return body.state === state && more(body) && body
    },
    { what: `the state ${state}`, deadlineMs: 20_000 },
  )
}

beforeAll(async () => {
  model = await startModelServer(build)
  tools = await startToolServer()
  tools.handle(({ body }) => ({ body: { started: true, echo: body } }))
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
  for (const role of ['viewer', 'approver', 'editor', 'owner']) {
    const made = await app.call('POST', '/api/api_keys', { name: role, scope: 'admin', role })
    keys.set(role, made.body.key)
    everything.set(role, await openEvents(`${app.url}/api/events`, { headers: as(role) }))
  }
  builder = await app.createAgent({
    name: 'Builder',
    model: 'local/test',
    tools: [
      { type: 'builtin', name: 'wait_for_callback' },
      {
        type: 'http',
        name: 'start_build',
        description: 'Starts a build.',
        method: 'POST',
        access: 'write',
        approval: 'always',
        url: `${tools.url}/builds`,
        parameters: { type: 'object' },
      },
    ],
  })
  const started = await app.call('POST', builder.url, { question: 'Build it.' })
  taskId = started.body.task_id
  for (const role of ['viewer', 'approver']) {
    streams.set(role, await openEvents(`${app.url}/api/tasks/${taskId}/events`, { headers: as(role) }))
  }
  streams.set('link', await openEvents(started.body.links.events))
  const task = await reach(taskId, 'WAITING')
  approvalId = task.approvals[0].id
  url = task.approvals[0].arguments.callback
  token = url.split('/').at(-1) ?? ''

  // Another task gets the URL as its input, and so does a request that starts no task.
  other = await app.createAgent({ name: 'Other' })
  const handed = { question: `Report to ${url}`, callback: url, token }
  otherTaskId = (await app.call('POST', other.url, handed)).body.task_id
  await reach(otherTaskId, 'SUCCESS')
  const { body } = await app.call('GET', `/api/agents/${other.id}/webhooks`)
  await app.call('PATCH', `/api/agents/${other.id}/webhooks/${body.data[0].id}`, { enabled: false })
  await app.call('POST', other.url, handed)
  const rejected = await app.call('GET', '/api/rejections')
  rejectionId = rejected.body.data[0].id
  await app.call('POST', `/api/agents/${other.id}/schedules`, {
    name: 'Nightly',
    cron: '0 3 * * *',
    payload: handed,
  })

  const edited = { callback: url, next: encodeURIComponent(url), secret: token, edited: true }
  const approved = await app.call(
    'POST',
    `/api/approvals/${approvalId}/approve`,
    { arguments: edited },
    as('approver'),
  )
  expect(approved.status).toBe(200)
  await reach(taskId, 'WAITING', ({ waiting_for: waits }) => waits?.length === 1)
})
afterAll(async () => {
  for (const { close } of [...streams.values(), ...everything.values()]) close()
  await app?.stop()
  await Promise.all([model?.stop(), tools?.stop()])
})

/** Everything that can be read with GET, as texts by route; streams that do not end apart. */
async function readAll(role: string): Promise<Map<string, string>> {
  const { body: task } = await app.call('GET', `/api/tasks/${taskId}`)
  const webhooks = await app.call('GET', `/api/agents/${builder.id}/webhooks`)
  const schedules = await app.call('GET', `/api/agents/${other.id}/schedules`)
  const stepKeys: string[] = task.steps.map(({ key }: { key: string }) => encodeURIComponent(key))
  const paths = Object.entries(ACCESS).flatMap(([route, least]) => {
    const [method, path = ''] = route.split(' ')
    if (method !== 'GET' || least !== 'viewer' || path.endsWith('/events')) return []
    if (path.includes('/steps/')) {
      return stepKeys.map((key) => path.replace('{id}', taskId).replace(/\{key\}|\*/, key))
    }
    const ids: Record<string, string[]> = {
      tasks: [taskId, otherTaskId],
      agents: [builder.id, other.id],
      approvals: [approvalId],
      rejections: [rejectionId],
    }
    const own = ids[path.split('/')[2] ?? ''] ?? ['unknown']
    return own.map((id) =>
      path
        .replace('{id}', id)
        .replace('{other}', otherTaskId)
        .replace('{revision}', '1')
        .replace('{webhook_id}', webhooks.body.data[0].id)
        .replace('{schedule_id}', schedules.body.data[0].id),
    )
  })
  const texts = new Map<string, string>()
  for (const path of paths) {
    const response = await fetch(app.url + path, { headers: as(role) })
    texts.set(path, await response.text())
  }
  return texts
}

const withSecret = (texts: Map<string, string>): string[] =>
  [...texts].flatMap(([path, text]) => (text.includes(token) ? [path] : []))

describe('the URL that a run waits for', () => {
  it('is in nothing that a viewer can read, while those who may act on the run see it', async () => {
    const shown = withSecret(await readAll('owner'))
    // Where somebody may see it: otherwise the test would look for nothing.
    expect(shown).toEqual(
      expect.arrayContaining([
        `/api/approvals`,
        `/api/approvals/${approvalId}`,
        `/api/tasks/${taskId}`,
        `/api/tasks/${otherTaskId}`,
        `/api/tasks/${otherTaskId}/payload`,
        '/api/tasks/export',
        `/api/rejections/${rejectionId}`,
        '/api/schedules',
        '/api/audit',
      ]),
    )
    const hidden = await readAll('viewer')
    expect(withSecret(hidden)).toEqual([])
    for (const path of shown) expect([path, hidden.get(path)?.includes('***')]).toEqual([path, true])
    expect(withSecret(await readAll('approver'))).toContain(`/api/approvals/${approvalId}`)
  })

  it('is in no step, for any reader', async () => {
    const steps = [...(await readAll('owner'))].filter(([path]) => path.includes('/steps/'))
    expect(steps.length).toBeGreaterThan(4)
    for (const [path, text] of steps) {
      expect([path, text.includes(url), text.includes(encodeURIComponent(url))]).toEqual([path, false, false])
    }
  })

  it('is in no stream that a viewer can open without a role', async () => {
    const linkFor = async (role: string) =>
      (await app.call('GET', `/api/tasks/${taskId}`, undefined, as(role))).body.links.events
    expect(await linkFor('approver')).toContain('?key=')
    const link = await linkFor('viewer')
    expect(link).toBe(`${app.url}/api/tasks/${taskId}/events`)
    expect((await fetch(link)).status).toBe(401)
    await openEvents(link, { headers: as('viewer') }).then(({ close }) => close())
  })

  it('is in no stream of a viewer, even if it is split across pieces of text', async () => {
    const read = (role: string) => streams.get(role)?.all ?? []
    const textOf = (role: string, kind: string) =>
      read(role)
        .filter(({ event }) => event === kind)
        .map(({ data }) => data['text'])
        .join('')
    await waitFor(() => read('viewer').filter(({ event }) => event === 'callback').length > 0)
    await waitFor(() => textOf('viewer', 'answer').includes('to the build.'))
    expect(textOf('approver', 'answer')).toContain(`I pass on ${url} to the build.`)
    expect(textOf('link', 'answer')).toContain(`I pass on ${url} to the build.`)
    expect(textOf('viewer', 'answer')).toContain(
      `I pass on ${url.replace(token, '*'.repeat(token.length))} to the build.`,
    )
    expect(textOf('approver', 'thought')).toContain(url)
    for (const role of ['viewer', 'link']) {
      expect(textOf(role, 'thought')).toContain('They can call http')
      expect(textOf(role, 'thought')).not.toContain(token)
      const rest = read(role).filter(({ event }) => event !== 'answer')
      expect(rest.some(({ event }) => event === 'approval')).toBe(true)
      expect(JSON.stringify(rest)).not.toContain(token)
    }
    expect(JSON.stringify(everything.get('viewer')?.all)).not.toContain(token)
    expect(everything.get('viewer')?.all.length).toBeGreaterThan(3)
  })

  it('is not in the log', () => {
    expect(app.logged()).not.toContain(token)
  })

  it('still works, also for a replay that continues the run', async () => {
    const cancelled = await app.call('POST', `/api/tasks/${taskId}/cancel`)
    expect(cancelled.status).toBe(200)
    const replayed = await app.call('POST', `/api/tasks/${taskId}/replay`, { writes: 'continue' })
    const replayId = replayed.body.task_id
    await reach(replayId, 'WAITING', ({ waiting_for: waits }) => waits?.length === 1)
    const called = await fetch(url, { method: 'POST' })
    expect(called.status).toBe(200)
    const done = await reach(replayId, 'SUCCESS')
    expect(tools.requests.map(({ body }) => JSON.parse(body).callback)).toEqual([url])
    expect(done.result.answer).toContain(url)
    // The calls in the result are the record of the run: sent to callbacks, and readable with the id of the task.
    expect(done.result.tool_calls[0].result.url).toBe(url.replace(token, '***'))
    expect(JSON.stringify(done.result.tool_calls)).not.toContain(url)
    const { body } = await app.call('GET', `/api/tasks/${replayId}`, undefined, as('viewer'))
    expect(body.result.answer).toBe(`Built. The URL was ${url.replace(token, '***')}`)
  })
})
