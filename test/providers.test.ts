import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startHttpServer } from './harness/httpServer.ts'
import { startModelServer, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'

const KEY = 'sk-lab-0123456789abcdef'
const PATIENT = { timeout: 15_000 }

let app: TestApp
let model: ModelServer

beforeAll(async () => {
  ;[app, model] = await Promise.all([
    startTestApp({ ANTHROPIC_API_KEY: 'sk-ant-0123456789', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/v1' }),
    startModelServer(),
  ])
})
afterAll(async () => {
  await app.stop()
  await model.stop()
})
afterEach(async () => {
  model.reset()
  for (const { id } of (await app.call('GET', '/api/agents')).body.data) {
    await app.call('DELETE', `/api/agents/${id}?tasks=cancel`)
  }
  const { body } = await app.call('GET', '/api/providers')
  for (const { name, source } of body.data) {
    if (source === 'saved') await app.call('DELETE', `/api/providers/${name}?in_use=delete`)
  }
})

const compatible = (more: object = {}) => ({ kind: 'openai_compatible', base_url: model.url, ...more })
const put = (name: string, body: object, headers: Record<string, string> = {}) =>
  app.call('PUT', `/api/providers/${name}`, body, headers)

async function run(url: string) {
  const { body } = await app.call('POST', url, { question: 'Are you there?' })
  return waitFor(
    async () => {
      const task = await app.call('GET', `/api/tasks/${body.task_id}`)
      return ['SUCCESS', 'FAILURE'].includes(task.body.state) ? task.body : undefined
    },
    { what: 'the end of the task', deadlineMs: 30_000 },
  )
}

describe('a provider that is added at run time', () => {
  it('is used by agents at once, and its key is never shown', async () => {
    model.requireKey(KEY)
    expect((await put('lab', compatible({ api_key: KEY }))).status).toBe(201)
    const agent = await app.createAgent({ model: 'lab/test-model' })
    expect(await run(agent.url)).toMatchObject({ state: 'SUCCESS' })
    const { headers, body } = await app.call('GET', '/api/providers/lab')
    expect(headers.get('etag')).toMatch(/^"[\w-]{36}"$/)
    expect(body).toMatchObject({
      name: 'lab',
      kind: 'openai_compatible',
      source: 'saved',
      variables: [],
      base_url: model.url,
      api_key: { set: true },
      used_by: [{ agent_id: agent.id, name: 'Test' }],
    })
    const everything = await Promise.all(
      ['/api/providers', '/api/models', '/api/model_providers'].map((path) => app.call('GET', path)),
    )
    expect(JSON.stringify([body, everything])).not.toContain(KEY)
    expect(app.logged()).not.toContain(KEY)
    const { rows } = await app.database.db.pool.query('select sealed from bellwire.model_providers')
    expect(rows[0].sealed.includes(Buffer.from(KEY))).toBe(false)
  }, 60_000)

  it('offers its models beside the others', async () => {
    await put('lab', compatible())
    const { body } = await app.call('GET', '/api/models')
    expect(body.data.map((one: { model: string }) => one.model)).toContain('lab/test-model')
    expect(body.providers).toEqual([
      expect.objectContaining({
        provider: 'anthropic',
        source: 'environment',
        error: expect.stringContaining('cannot be reached'),
      }),
      expect.objectContaining({ provider: 'lab', source: 'saved', models: 1, error: null }),
      expect.objectContaining({ provider: 'demo' }),
    ])
    expect((await app.call('GET', '/api/models?provider=lab')).body.data).toHaveLength(1)
  })

  it('reaches every process without a restart', async () => {
    const second = await app.startFrontDoor()
    const worker = await app.startAnotherWorker()
    try {
      await app.stopWorker()
      await put('lab', compatible({ api_key: 'sk-old-0123456789' }))
      const agent = await app.createAgent({ model: 'lab/test-model', retry: { max_attempts: 1 } })
      expect(await run(agent.url)).toMatchObject({ state: 'SUCCESS' })
      expect(model.requests.at(-1)?.headers.authorization).toBe('Bearer sk-old-0123456789')

      const authorization = { authorization: `Bearer ${app.adminKey}` }
      const changed = await app.call(
        'PUT',
        `${second.url}/api/providers/lab`,
        compatible({ api_key: KEY }),
        authorization,
      )
      expect(changed.status).toBe(200)
      // The worker hears of it within a fraction of a second, and asks by itself within two.
      await expect
        .poll(async () => {
          await run(agent.url)
          return model.requests.at(-1)?.headers.authorization
        }, PATIENT)
        .toBe(`Bearer ${KEY}`)

      await app.call('DELETE', `${second.url}/api/providers/lab?in_use=delete`, undefined, authorization)
      await expect
        .poll(async () => (await run(agent.url)).error?.code, PATIENT)
        .toBe('provider_not_configured')
      expect(
        (await app.call('POST', '/api/agents', { name: 'x', instructions: '', model: 'lab/m' })).body,
      ).toMatchObject({
        errors: [{ pointer: '/model', detail: expect.stringContaining('there is no provider "lab"') }],
      })
    } finally {
      await worker.stop()
      await second.stop()
      await app.startWorker()
    }
  }, 90_000)

  it('sends its headers, and keeps their values', async () => {
    await put('lab', compatible({ headers: { 'x-team': 'blue', 'x-plan': 'free' } }))
    const agent = await app.createAgent({ model: 'lab/test-model' })
    await run(agent.url)
    expect(model.requests.at(-1)?.headers).toMatchObject({ 'x-team': 'blue', 'x-plan': 'free' })
    const { body } = await put('lab', compatible({ headers: { 'x-team': null } }))
    expect(body.headers).toEqual(['x-team'])
    await expect
      .poll(async () => {
        await run(agent.url)
        const { 'x-team': team, 'x-plan': plan } = model.requests.at(-1)?.headers ?? {}
        return [team, plan]
      }, PATIENT)
      .toEqual(['blue', undefined])
  }, 60_000)
})

describe('settings that do not fit', () => {
  it.each<[string, string, object, string]>([
    ['lab', '/base_url', { kind: 'openai_compatible' }, 'is required for this kind'],
    ['lab', '/base_url', { kind: 'openai_compatible', base_url: 'ftp://x' }, 'use an http or https URL'],
    ['lab', '/base_url', { kind: 'openai_compatible', base_url: 'http://u:p@x' }, 'use an http or https URL'],
    ['lab', '/base_url', { kind: 'openai_compatible', base_url: 'http://169.254.169.254/v1' }, 'linkLocal'],
    [
      'lab',
      '/base_url',
      { kind: 'openai_compatible', base_url: 'http://localhost:5432/v1' },
      'port 5432 is refused',
    ],
    ['eu', '/api_key', { kind: 'openai' }, 'is required for this kind'],
    ['eu', '/api_key', { kind: 'openai', api_key: 'with space' }, 'printable ASCII'],
    ['openai', '/kind', { kind: 'google', api_key: 'sk' }, 'is of the kind openai'],
    [
      'lab',
      '/headers/x-team',
      { kind: 'openai', api_key: 'sk', headers: { 'x-team': null } },
      'has no saved value',
    ],
    ['lab', '/headers/host', { kind: 'openai', api_key: 'sk', headers: { host: 'x' } }, 'is set by Bellwire'],
    ['Lab', '{name}', { kind: 'openai', api_key: 'sk' }, 'use lower-case letters'],
    ['demo', '{name}', { kind: 'openai', api_key: 'sk' }, 'the built-in model'],
  ])('%s %s is marked', async (name, pointer, body, detail) => {
    const answer = await put(name, body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toContainEqual({ pointer, detail: expect.stringContaining(detail) })
  })

  it('a saved key is not sent to another server', async () => {
    await put('lab', compatible({ api_key: KEY, headers: { 'x-team': 'blue' } }))
    const other = { kind: 'openai_compatible', base_url: 'http://127.0.0.1:1/v1' }
    const moved = expect.stringContaining('enter it again')
    const errors = [
      { pointer: '/api_key', detail: moved },
      { pointer: '/headers/x-team', detail: moved },
    ]
    expect((await put('lab', other)).body.errors).toEqual(errors)
    expect((await app.call('POST', '/api/providers/lab/test', { settings: other })).body.errors).toEqual(
      errors,
    )
    expect((await put('lab', { ...other, api_key: null, headers: {} })).body).toMatchObject({
      api_key: { set: false, updated_at: null },
      headers: [],
    })
  })

  it('changes to what has changed since are refused', async () => {
    const first = (await put('lab', compatible())).headers.get('etag') ?? ''
    expect((await put('lab', compatible(), { 'if-none-match': '*' })).status).toBe(412)
    const second =
      (await put('lab', compatible({ images: 'never' }), { 'if-match': first })).headers.get('etag') ?? ''
    expect((await put('lab', compatible(), { 'if-match': first })).status).toBe(412)
    expect((await app.call('DELETE', '/api/providers/lab', undefined, { 'if-match': first })).status).toBe(
      412,
    )
    expect((await app.call('DELETE', '/api/providers/lab', undefined, { 'if-match': second })).status).toBe(
      204,
    )
    expect((await put('lab', compatible(), { 'if-match': second })).status).toBe(412)
    expect((await app.call('GET', '/api/providers/lab')).body.code).toBe('provider_not_found')
  })

  it('those of the environment are read only', async () => {
    expect((await app.call('GET', '/api/providers/anthropic')).body).toMatchObject({
      source: 'environment',
      api_key: { set: true, updated_at: null },
      variables: expect.arrayContaining(['ANTHROPIC_API_KEY']),
    })
    const answers = [
      await put('anthropic', { kind: 'anthropic', api_key: 'sk' }),
      await app.call('DELETE', '/api/providers/anthropic'),
    ]
    for (const { status, body } of answers) {
      expect([status, body.code]).toEqual([409, 'provider_read_only'])
      expect(body.variables).toContain('ANTHROPIC_API_KEY')
    }
  })

  it('a provider that agents use says which before it is deleted', async () => {
    await put('lab', compatible())
    const { id } = await app.createAgent({ model: 'lab/test-model', name: 'Shopkeeper' })
    const refused = await app.call('DELETE', '/api/providers/lab')
    expect(refused.body).toMatchObject({
      code: 'provider_in_use',
      agents: [{ agent_id: id, name: 'Shopkeeper' }],
    })
    expect(refused.body.detail).toContain('Shopkeeper uses it')
    expect((await app.call('DELETE', '/api/providers/lab?in_use=delete')).status).toBe(204)
  })
})

describe('a test', () => {
  const test = async (name: string, body: object = {}) =>
    (await app.call('POST', `/api/providers/${name}/test`, body)).body

  it('shows that a key is accepted, without a call where the list needs it', async () => {
    model.requireKey(KEY)
    await put('lab', compatible({ api_key: KEY }))
    expect(await test('lab')).toMatchObject({
      ok: true,
      reachable: true,
      key: 'accepted',
      error: null,
      call: null,
      models_found: 1,
      models: [{ model: 'lab/test-model', listed: true }],
    })
    expect(model.requests).toEqual([])
  })

  it('has the words of the provider for a key that it rejects', async () => {
    model.requireKey(KEY)
    const result = await test('lab', { settings: compatible({ api_key: 'sk-wrong-0123456789' }) })
    expect(result).toMatchObject({
      ok: false,
      reachable: true,
      key: 'rejected',
      error: 'answered 401: Incorrect API key provided',
      models: [],
    })
    // Nothing was saved.
    expect((await app.call('GET', '/api/providers/lab')).status).toBe(404)
  })

  it('calls a model where the list shows nothing about the key', async () => {
    const settings = compatible({ api_key: KEY })
    expect(await test('lab', { settings })).toMatchObject({
      key: 'accepted',
      call: { model: 'test-model', ok: true },
    })
    expect(model.requests.at(-1)?.body).toMatchObject({ model: 'test-model', max_tokens: 16 })
    model.handle(() => ({
      kind: 'raw',
      status: 401,
      headers: {},
      body: JSON.stringify({ error: { message: `no ${KEY}` } }),
    }))
    expect(await test('lab', { settings })).toMatchObject({
      ok: false,
      key: 'rejected',
      error: 'test-model: answered 401: no [redacted]',
      call: { ok: false },
    })
  })

  it('calls the model that is named', async () => {
    model.handle(() => ({
      kind: 'raw',
      status: 404,
      headers: {},
      body: '{"error":{"message":"no such model"}}',
    }))
    expect(await test('lab', { settings: compatible(), model: 'other' })).toMatchObject({
      ok: false,
      reachable: true,
      key: 'none',
      error: 'other: answered 404: no such model',
    })
  })

  it('says that a server cannot be reached, and does not follow it elsewhere', async () => {
    const gone = await startHttpServer(() => Promise.resolve())
    await gone.stop()
    expect(await test('lab', { settings: compatible({ base_url: `${gone.origin}/v1` }) })).toMatchObject({
      ok: false,
      reachable: false,
      error: 'cannot be reached (ECONNREFUSED)',
    })
    const redirecting = await startHttpServer((_request, response) => {
      response.writeHead(302, { location: `${model.url}/models` }).end()
      return Promise.resolve()
    })
    expect(await test('lab', { settings: compatible({ base_url: redirecting.origin }) })).toMatchObject({
      ok: false,
      error: expect.stringContaining('answered 302'),
    })
    await redirecting.stop()
  })

  it('tests the providers of the environment as they are', async () => {
    expect(await test('anthropic')).toMatchObject({ ok: false, reachable: false })
    expect(await test('nobody')).toMatchObject({ code: 'provider_not_found' })
  })
})
