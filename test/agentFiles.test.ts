import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
})
afterAll(() => app.stop())

async function exported(id: string): Promise<string> {
  const response = await fetch(`${app.url}/api/agents/${id}/export`, {
    headers: { authorization: `Bearer ${app.adminKey}` },
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/yaml; charset=utf-8')
  return response.text()
}

async function imported(body: string, type = 'application/yaml') {
  const response = await fetch(`${app.url}/api/agents/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${app.adminKey}`, 'content-type': type },
    body,
  })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

const MINIMAL = 'bellwire: 1\nagent: {name: A, instructions: Go on., model: demo/assistant}\n'
const agentNames = async (): Promise<string[]> =>
  (await app.call('GET', '/api/agents')).body.data.map(({ name }: { name: string }) => name)

describe('an agent as a file', () => {
  it('is the same after an export and an import, without its secrets and URLs', async () => {
    const instructions = 'Triage.\n\n- Label it: {{ payload.issue.title }}\n- "yes" & no: #1\n'
    const { id, url } = await app.createAgent({ name: 'Ünsere Triage', instructions })
    const [webhook] = (await app.call('GET', `/api/agents/${id}/webhooks`)).body.data
    await app.call('PATCH', `/api/agents/${id}/webhooks/${webhook.id}`, {
      name: 'GitHub',
      source: 'github',
      secrets: ['a long secret of ours'],
      filter: 'payload.action == "opened"',
    })
    await app.call('POST', `/api/agents/${id}/webhooks`, {
      name: 'Second',
      split: '/items',
      callback: { url: 'https://hooks.example/in', events: ['end', 'step'] },
    })
    const schedule = await fetch(`${app.url}/api/agents/${id}/schedules`, {
      method: 'POST',
      headers: { authorization: `Bearer ${app.adminKey}`, 'content-type': 'application/json' },
      body: '{"cron":"0 9 * * 1-5","time_zone":"Europe/Berlin","payload":{"account":9007199254740993,"rate":0.12345678901234567890}}',
    })
    expect(schedule.status).toBe(201)

    const yaml = await exported(id)
    expect(yaml).toContain('account: 9007199254740993')
    expect(yaml).toContain('0.12345678901234567890')
    expect(yaml).not.toContain('a long secret of ours')
    expect(yaml).not.toContain('whsec_')
    expect(yaml).not.toContain(url.split('/').at(-1))

    const copy = await imported(yaml)
    expect(copy).toMatchObject({
      status: 201,
      body: {
        agent: { name: 'Ünsere Triage', instructions, revision: 1 },
        webhooks: [
          { name: 'GitHub', source: 'github', is_default: true, secrets: { count: 0 } },
          {
            name: 'Second',
            split: '/items',
            is_default: false,
            callback: { url: 'https://hooks.example/in', events: ['end', 'step'] },
          },
        ],
        schedules: [{ name: 'Schedule' }],
      },
    })
    expect(copy.body.agent.id).not.toBe(id)
    expect(await exported(copy.body.agent.id)).toBe(yaml)
  })

  it('is accepted as JSON, too, and with any YAML content type', async () => {
    const agent = { name: 'J', instructions: 'Go on.', model: 'demo/assistant' }
    expect((await imported(JSON.stringify({ bellwire: 1, agent }), 'application/json')).status).toBe(201)
    expect((await imported(MINIMAL, 'text/x-yaml; charset=utf-8')).status).toBe(201)
  })

  it('is created completely or not at all', async () => {
    const before = await agentNames()
    for (const part of [
      'webhooks: [{name: One}, {name: Two, filter: "payload.x =="}]',
      'schedules: [{cron: every day}]',
    ]) {
      const refused = await imported(`${MINIMAL}${part}\n`)
      expect(refused).toMatchObject({ status: 422, body: { code: 'schema_invalid' } })
    }
    expect(await agentNames()).toEqual(before)
  })

  it.each([
    ['bellwire: 1\nagent: [', 400, /YAML: .*\(\d+:\d+\)/],
    [MINIMAL.replace('1', '2'), 422, /bellwire|version/],
    [`${MINIMAL}webhook: []\n`, 422, /did you mean .+webhooks/],
    [
      'bellwire: 1\nagent: &a {name: A, instructions: x, model: demo/assistant}\nwebhooks: [*a]',
      400,
      /alias/i,
    ],
    [`bellwire: 1\nagent: ${'['.repeat(200)}${']'.repeat(200)}`, 400, /maxDepth \(100\)/],
    ['', 400, /YAML/],
    ['just text', 422, /object/i],
  ])('is refused with a clear error: %j', async (body, status, says) => {
    const refused = await imported(body)
    expect(refused.status).toBe(status)
    expect(JSON.stringify(refused.body)).toMatch(says)
  })

  it('has a limit', async () => {
    expect((await imported(`${MINIMAL}# ${'x'.repeat(1_100_000)}`)).status).toBe(413)
  })

  it('of an unknown agent is 404', async () => {
    const { status } = await app.call('GET', '/api/agents/0b8a1d3e-0000-7000-8000-000000000000/export')
    expect(status).toBe(404)
  })
})
