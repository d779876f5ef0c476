import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
})
afterAll(() => app.stop())

/** Calls the API with or without `If-Match`. */
async function call(method: string, path: string, json?: unknown, ifMatch?: string | null) {
  const response = await fetch(app.url + path, {
    method,
    headers: {
      authorization: `Bearer ${app.adminKey}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(typeof ifMatch === 'string' ? { 'if-match': ifMatch } : {}),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  const text = await response.text()
  const body = text === '' ? undefined : JSON.parse(text)
  return { status: response.status, etag: response.headers.get('etag'), body }
}

const AGENT = { name: 'Bell', instructions: 'Ring.', model: 'demo/assistant' }

/** A resource with an ETag: the path of a new one, its ETag, and changes that can be sent to it. */
type Subject = { path: string; etag: string | null; patches: (at: number) => object }

async function createAgent(): Promise<Subject> {
  const { body, etag } = await call('POST', '/api/agents', AGENT)
  return { path: `/api/agents/${body.id}`, etag, patches: (at) => ({ instructions: `Ring ${at} times.` }) }
}

async function createUnderAgent(kind: string, settings: object): Promise<Subject> {
  const { path } = await createAgent()
  const { body, etag } = await call('POST', `${path}/${kind}`, settings)
  return { path: `${path}/${kind}/${body.id}`, etag, patches: (at) => ({ name: `Number ${at}` }) }
}

const SUBJECTS: [string, () => Promise<Subject>][] = [
  ['an agent', createAgent],
  ['a webhook', () => createUnderAgent('webhooks', { name: 'Door' })],
  ['a schedule', () => createUnderAgent('schedules', { name: 'Daily', cron: '@daily', payload: {} })],
]

describe.each(SUBJECTS)('%s', (_name, create) => {
  it('has an ETag that changes only with it', async () => {
    const { path, etag, patches } = await create()
    expect(etag).toMatch(/^"[\w-]+"$/)
    expect((await call('GET', path)).etag).toBe(etag)
    const changed = await call('PATCH', path, patches(1), etag)
    expect(changed.status).toBe(200)
    expect(changed.etag).not.toBe(etag)
    expect((await call('GET', path)).etag).toBe(changed.etag)
  })

  it('is not overwritten with an outdated ETag', async () => {
    const { path, etag, patches } = await create()
    await call('PATCH', path, patches(1))
    const present = await call('GET', path)
    for (const stale of [etag, `${etag}, "no"`, 'W/"1"', '"18446744073709551616"', 'not quoted']) {
      for (const method of ['PATCH', 'DELETE']) {
        const refused = await call(method, path, method === 'PATCH' ? patches(2) : undefined, stale)
        expect([stale, refused.status, refused.body.code]).toEqual([stale, 412, 'precondition_failed'])
      }
    }
    // Even a change that would change nothing: its sender has an outdated view.
    expect((await call('PATCH', path, patches(1), etag)).status).toBe(412)
    expect(await call('GET', path)).toEqual(present)
    for (const withOther of ['*', 'ETAG', '"no", ETAG']) {
      const good = withOther.replace('ETAG', (await call('GET', path)).etag ?? '')
      expect((await call('PATCH', path, patches(1), good)).status).toBe(200)
    }
    expect((await call('PATCH', path, patches(3))).status).toBe(200)
    expect((await call('DELETE', path, undefined, (await call('GET', path)).etag)).status).toBe(204)
  })

  it('accepts one of many racing changes', async () => {
    const { path, etag, patches } = await create()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => call('PATCH', path, patches(at + 1), etag)),
    )
    const made = answers.filter(({ status }) => status === 200)
    expect(made).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19)
    expect((await call('GET', path)).etag).toBe(made[0]?.etag)
  })
})

it('lists what has changed in an agent since the revision that was read', async () => {
  const { path, etag } = await createAgent()
  await call('PATCH', path, { description: 'Rings', limits: { max_steps: 5 } })
  await call('PATCH', path, { instructions: 'Ring twice.', model: 'demo/assistant' })
  const refused = await call('PATCH', path, { name: 'Gong' }, etag)
  expect(refused).toMatchObject({ status: 412, etag: '"3"', body: { etag: '"3"' } })
  expect(refused.body.changes).toEqual([
    { pointer: '/instructions', before: 'Ring.', after: 'Ring twice.' },
    { pointer: '/limits/max_steps', before: 20, after: 5 },
    { pointer: '/description', after: 'Rings' },
  ])
  const unknown = await call('PATCH', path, { name: 'Gong' }, '"99"')
  expect(unknown.status).toBe(412)
  expect(unknown.body).not.toHaveProperty('changes')
})

it('covers refreshing the tools of an agent', async () => {
  const { path, etag, patches } = await createAgent()
  await call('PATCH', path, patches(1))
  expect((await call('POST', `${path}/tools/refresh`, undefined, etag)).status).toBe(412)
  expect((await call('POST', `${path}/tools/refresh`, undefined, '"2"')).etag).toBe('"2"')
})

it("is not affected by a schedule's beat", async () => {
  const { path, etag } = await createUnderAgent('schedules', { name: 'Daily', cron: '@daily', payload: {} })
  const started = await call('POST', `${path}/trigger`)
  expect(started.status).toBe(200)
  expect((await call('GET', path)).etag).toBe(etag)
})

describe.each([
  ['/api/budget', (at: number) => ({ max_tokens_per_day: 1_000 + at })],
  ['/api/notices', (at: number) => ({ max_per_hour: 1 + at })],
] as const)('%s, which is replaced as a whole', (path, change) => {
  it('is not overwritten with an outdated ETag, and its version is the ETag', async () => {
    const first = await call('GET', path)
    expect(first.etag).toBe(`"${first.body.version}"`)
    const second = await call('PUT', path, change(1), first.etag)
    expect([second.status, second.etag]).toEqual([200, (await call('GET', path)).etag])
    expect(second.etag).not.toBe(first.etag)
    const late = await call('PUT', path, change(2), first.etag)
    expect([late.status, late.body.code]).toEqual([412, 'precondition_failed'])
    expect((await call('GET', path)).etag).toBe(second.etag)
    expect((await call('PUT', path, change(3))).status).toBe(200)
  })

  it('accepts one of many racing changes', async () => {
    const { etag } = await call('GET', path)
    const racing = await Promise.all([10, 11, 12, 13].map((at) => call('PUT', path, change(at), etag)))
    expect(racing.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412])
  })
})
