import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

const SECRET = randomBytes(32).toString('base64url')
const HOOK = `https://bells.example/api/webhooks/agents/${SECRET}`
const MASKED = 'https://bells.example/api/webhooks/agents/***'
const INVITATION = `https://bells.example/invitation#${SECRET}`

let model: ModelServer
let tools: ToolServer
let app: TestApp
const keys = new Map<string, string>()

const as = (role: string) => ({ authorization: `Bearer ${keys.get(role)}` })

beforeAll(async () => {
  model = await startModelServer(({ body }) =>
    body.messages.some(({ role }) => role === 'tool')
      ? say('Done.')
      : callTools([
          { id: 'p', name: 'tell', arguments: { to: HOOK, list: [{ text: `See ${HOOK}` }], note: 'Hi' } },
        ]),
  )
  tools = await startToolServer()
  tools.handle(() => ({ body: { ok: true } }))
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
  for (const role of ['viewer', 'approver', 'editor']) {
    const made = await app.call('POST', '/api/api_keys', { name: role, scope: 'admin', role })
    keys.set(role, made.body.key)
  }
})
afterAll(async () => {
  await app?.stop()
  await Promise.all([model?.stop(), tools?.stop()])
})

describe('an editor who saves what was read', () => {
  const instructions = `See https://docs.example/sign-in#troubleshooting and ${HOOK}.`

  it('changes no links, whatever their role may not see', async () => {
    const whole = `${instructions} Welcome: ${INVITATION}`
    const { id } = await app.createAgent({ instructions: whole })
    const { body: seen } = await app.call('GET', `/api/agents/${id}`, undefined, as('editor'))
    expect(seen.instructions).toBe(whole.replace(INVITATION, 'https://bells.example/invitation#***'))
    const patch = { name: 'New', instructions: seen.instructions }
    const saved = await app.call('PATCH', `/api/agents/${id}`, patch, as('editor'))
    expect(saved.status).toBe(200)
    const { body } = await app.call('GET', `/api/agents/${id}`)
    expect([body.name, body.instructions]).toEqual(['New', whole])

    const changed = { instructions: `${seen.instructions} More.` }
    const refused = await app.call('PATCH', `/api/agents/${id}`, changed, as('editor'))
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/instructions'])
  })

  it('sees and may change what is no link of an account', async () => {
    const { id } = await app.createAgent({ instructions })
    const { body: seen } = await app.call('GET', `/api/agents/${id}`, undefined, as('editor'))
    expect(seen.instructions).toBe(instructions)
    const patch = { instructions: `${seen.instructions} More.` }
    expect((await app.call('PATCH', `/api/agents/${id}`, patch, as('editor'))).status).toBe(200)
  })

  it('keeps those of schedules and webhooks', async () => {
    const { id } = await app.createAgent()
    const payload = { question: `Send ${INVITATION}` }
    const base = `/api/agents/${id}/schedules`
    const { body: made } = await app.call('POST', base, { name: 'Daily', cron: '0 3 * * *', payload })
    const { body: seen } = await app.call('GET', `${base}/${made.id}`, undefined, as('editor'))
    expect(JSON.stringify(seen)).not.toContain(SECRET)
    await app.call('PATCH', `${base}/${made.id}`, { payload: seen.payload }, as('editor'))
    expect((await app.call('GET', `${base}/${made.id}`)).body.payload).toEqual(payload)

    const hooks = `/api/agents/${id}/webhooks`
    const { body: hook } = await app.call('POST', hooks, { name: INVITATION })
    const { body: shown } = await app.call('GET', `${hooks}/${hook.id}`, undefined, as('editor'))
    expect(shown.name).toContain('***')
    const patched = await app.call('PATCH', `${hooks}/${hook.id}`, { name: shown.name }, as('editor'))
    expect(patched.status).toBe(200)
    expect((await app.call('GET', `${hooks}/${hook.id}`)).body.name).toBe(INVITATION)
  })
})

describe('an approver', () => {
  /** Starts a run that waits for a decision. */
  async function waiting() {
    const agent = await app.createAgent({
      model: 'local/test',
      tools: [
        {
          type: 'http',
          name: 'tell',
          description: 'Tells somebody.',
          method: 'POST',
          access: 'write',
          approval: 'always',
          url: `${tools.url}/notes`,
          parameters: { type: 'object' },
        },
      ],
    })
    const { body } = await app.call('POST', agent.url, { question: 'Tell them.' })
    const taskId = String(body.task_id)
    return waitFor(async () => {
      const { body: task } = await app.call('GET', `/api/tasks/${taskId}`)
      return task.state === 'WAITING' && { taskId, approvalId: String(task.approvals[0].id) }
    })
  }
  const finished = (taskId: string) =>
    waitFor(async () => (await app.call('GET', `/api/tasks/${taskId}`)).body.state === 'SUCCESS')
  const sent = () => JSON.parse(tools.requests.at(-1)?.body ?? '')

  it('edits arguments without losing links that are hidden', async () => {
    const { taskId, approvalId } = await waiting()
    const path = `/api/approvals/${approvalId}`
    const { body: seen } = await app.call('GET', path, undefined, as('approver'))
    expect(seen.arguments).toEqual({ to: MASKED, list: [{ text: `See ${MASKED}` }], note: 'Hi' })

    const lost = { ...seen.arguments, list: [{ text: `Look at ${MASKED}` }] }
    const refused = await app.call('POST', `${path}/approve`, { arguments: lost }, as('approver'))
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/arguments/list/0/text'])

    const edited = { ...seen.arguments, note: 'Hello' }
    const decided = await app.call('POST', `${path}/approve`, { arguments: edited }, as('approver'))
    expect([decided.status, decided.body.edited_arguments]).toEqual([200, edited])
    await finished(taskId)
    expect(sent()).toEqual({ to: HOOK, list: [{ text: `See ${HOOK}` }], note: 'Hello' })
  })

  it('sees no more by deciding, while a link shows the call as it is', async () => {
    const { taskId, approvalId } = await waiting()
    const path = `/api/approvals/${approvalId}`
    const { body: seen } = await app.call('GET', path, undefined, as('approver'))
    const read = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).text()
    const page = await read(`${app.url}${path}/approve`, { headers: as('approver') })
    expect(page).toContain('***')
    expect(page).not.toContain(SECRET)
    const linked = await read(seen.links.approve)
    expect(linked).toContain(SECRET)
    expect(linked).toContain(new URL(seen.links.approve).searchParams.get('key'))

    const same = { arguments: seen.arguments }
    const decided = await app.call('POST', `${path}/approve`, same, as('approver'))
    expect([decided.status, decided.body.edited_arguments]).toEqual([200, null])
    const late = await app.call('POST', `${path}/deny`, {}, as('approver'))
    expect([late.status, late.body.code]).toEqual([409, 'already_decided'])
    for (const { body } of [decided, late]) {
      expect(JSON.stringify(body)).toContain(MASKED)
      expect(JSON.stringify(body)).not.toContain(SECRET)
    }
    await finished(taskId)
    expect(sent().to).toBe(HOOK)
  })
})

it('a viewer previews stored payloads with saved templates only', async () => {
  const agent = await app.createAgent({ instructions: 'Report to {{ payload.hook }}' })
  const { body: started } = await app.call('POST', agent.url, { question: 'Hi', hook: HOOK })
  const split = '{{ payload.hook | split: "" | join: " " }}'
  const apart = SECRET.split('').join(' ')
  const body = { instructions: split, message: split, task_id: started.task_id }
  const preview = (role: string, sent: object) =>
    app.call('POST', `/api/agents/${agent.id}/preview`, sent, as(role))
  expect((await preview('editor', body)).body.system).toContain(apart)
  for (const role of ['viewer', 'approver']) {
    const { status, body: shown } = await preview(role, body)
    expect([status, shown.system]).toEqual([200, `Report to ${MASKED}`])
    expect(JSON.stringify(shown)).not.toContain(apart)
    // Their own payload is no secret.
    const own = await preview(role, { instructions: split, payload: { hook: 'abc' } })
    expect(own.body.system).toBe('a b c')
  }
})
