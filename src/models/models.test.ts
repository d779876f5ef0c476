import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBody, startHttpServer, type HttpServer } from '../../test/harness/httpServer.ts'
import { createModels } from './models.ts'
import { knowProviders, parseRef } from './providers.ts'
import { environmentProviders, type ProviderSettings } from './providerSettings.ts'

const KEY = 'sk-secret-0123456789'

describe('references', () => {
  it('are split at the first slash', () => {
    expect(parseRef('local/org/model:7b')).toEqual({ provider: 'local', id: 'org/model:7b' })
    expect(parseRef('local')).toEqual({ provider: 'local', id: '' })
  })

  const configured = { openai: { apiKey: KEY }, local: { baseUrl: 'http://127.0.0.1:1/v1' } }
  const models = createModels(configured)
  const known = knowProviders(environmentProviders(configured))
  afterAll(() => models.close())

  it.each(['openai/gpt-5-mini', 'local/org/model:7b', 'demo/assistant'])(
    '%s can be resolved',
    async (ref) => {
      expect(known.check(ref)).toEqual({ ok: true })
      expect((await models.resolve(ref)).specificationVersion).toBe('v4')
    },
  )

  it('keep the whole name of the model', async () => {
    expect((await models.resolve('local/org/model:7b')).modelId).toBe('org/model:7b')
  })

  it.each([
    ['anthropic/claude-sonnet-4-5', 'ANTHROPIC_API_KEY'],
    ['google/gemini-2.5-flash', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    ['nobody/model', 'choose one of demo, openai, anthropic, google, local'],
    ['constructor/model', 'choose one of'],
    ['gpt-5-mini', 'choose one of'],
    ['demo/other', 'demo/assistant'],
    ['local/', 'add the name of a model'],
  ])('%s says what is missing', async (ref, detail) => {
    const check = known.check(ref)
    expect(check.ok ? '' : check.detail).toContain(detail)
    await expect(models.resolve(ref)).rejects.toThrow(detail)
    await expect(models.resolve(ref)).rejects.toMatchObject({ code: 'provider_not_configured' })
  })

  it('name all providers, and what each of them needs', () => {
    expect(known.all()).toEqual([
      { name: 'demo', configured: true, set: null },
      { name: 'openai', configured: true, set: 'OPENAI_API_KEY' },
      { name: 'anthropic', configured: false, set: 'ANTHROPIC_API_KEY' },
      { name: 'google', configured: false, set: 'GOOGLE_GENERATIVE_AI_API_KEY' },
      { name: 'local', configured: true, set: 'LOCAL_MODEL_BASE_URL' },
    ])
  })

  it('never show a key', async () => {
    expect(models.redact(`wrong key ${KEY}!`)).toBe('wrong key [redacted]!')
    expect(JSON.stringify(await models.resolve('openai/gpt-5-mini'))).not.toContain(KEY)
  })

  it('take a short key for a placeholder, which is no secret', async () => {
    const local = createModels({ local: { baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'ollama' } })
    expect(local.redact('registry.ollama.ai/library/m cannot use tools')).toBe(
      'registry.ollama.ai/library/m cannot use tools',
    )
    await local.close()
  })
})

describe('each provider', () => {
  let server: HttpServer
  const seen: { path: string; headers: Record<string, unknown>; body: Record<string, unknown> }[] = []

  beforeAll(async () => {
    server = await startHttpServer(async (request, response) => {
      const body: Record<string, unknown> = JSON.parse(await readBody(request))
      seen.push({ path: request.url ?? '', headers: request.headers, body })
      response.writeHead(418, { 'content-type': 'application/json' }).end('{"error":{"message":"tea"}}')
    })
  })

  afterAll(() => server.stop())

  async function call(ref: string, schema?: object) {
    const baseUrl = `${server.origin}/base`
    const provider = { apiKey: KEY, baseUrl }
    const models = createModels({ openai: provider, anthropic: provider, google: provider, local: provider })
    const responseFormat = schema ? { responseFormat: { type: 'json' as const, schema } } : {}
    const model = await models.resolve(ref)
    const answer = model.doGenerate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello?' }] }],
      ...responseFormat,
    })
    await expect(answer).rejects.toThrow(/tea/i)
    await models.close()
    const last = seen.at(-1)
    if (!last) throw new Error('nothing was sent')
    return last
  }

  it.each([
    ['openai/gpt-5-mini', '/base/responses', 'authorization', `Bearer ${KEY}`],
    ['anthropic/claude-sonnet-4-5', '/base/messages', 'x-api-key', KEY],
    ['google/gemini-2.5-flash', '/base/models/gemini-2.5-flash:generateContent', 'x-goog-api-key', KEY],
    ['local/qwen3', '/base/chat/completions', 'authorization', `Bearer ${KEY}`],
  ])('%s is called at its base URL with its key', async (ref, path, header, value) => {
    const request = await call(ref)
    expect(request.path).toBe(path)
    expect(request.headers[header]).toBe(value)
  })

  it('openai keeps nothing, and gives the reasoning back', async () => {
    const { body } = await call('openai/gpt-5-mini')
    expect(body).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] })
  })

  it('openai is strict only where the schema allows it', async () => {
    const properties = { a: { type: 'string' } }
    const strict = { type: 'object', properties, required: ['a'], additionalProperties: false }
    const loose = { type: 'object', properties }
    const formatOf = ({ body }: { body: Record<string, unknown> }) => body['text']
    expect(formatOf(await call('openai/gpt-5-mini', strict))).toMatchObject({ format: { strict: true } })
    expect(formatOf(await call('openai/gpt-5-mini', loose))).toMatchObject({ format: { strict: false } })
  })
})

describe('providers that change', () => {
  const lab: ProviderSettings = {
    name: 'lab',
    kind: 'openai_compatible',
    source: 'saved',
    baseUrl: 'http://10.0.0.1/v1',
  }

  it('are used as they are now, with one client for as long as they stay the same', async () => {
    let providers: ProviderSettings[] = []
    const models = createModels(() => Promise.resolve(providers))
    await expect(models.resolve('lab/m')).rejects.toThrow('there is no provider "lab"')
    providers = [lab]
    const first = await models.resolve('lab/m')
    expect(await models.resolve('lab/m')).toBe(first)
    providers = [{ ...lab, apiKey: KEY }]
    expect(await models.resolve('lab/m')).not.toBe(first)
    expect(models.redact(`wrong key ${KEY}!`)).toBe('wrong key [redacted]!')
    providers = []
    await expect(models.resolve('lab/m')).rejects.toThrow('there is no provider "lab"')
    // A call with the old key may still be in progress.
    expect(models.redact(`wrong key ${KEY}!`)).toBe('wrong key [redacted]!')
    await models.close()
  })
})
