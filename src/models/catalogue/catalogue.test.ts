import type { IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readBody, startHttpServer, type HttpServer } from '../../../test/harness/httpServer.ts'
import type { ProviderSettings } from '../providerSettings.ts'
import { listPrice } from '../prices.ts'
import { createModelFetch } from '../modelFetch.ts'
import { createModelCatalogue } from './catalogue.ts'
import { listProvider } from './listProvider.ts'

const KEY = 'sk-secret-0123456789'

type Handler = (request: IncomingMessage) => unknown

/** A response that is not 200 with JSON. */
type Raw = { raw: string; status: number; type?: string }

let server: HttpServer
let handle: Handler
let asked: string[]
/** Where nobody listens. */
let nowhere: string
const http = createModelFetch()

beforeAll(async () => {
  const gone = await startHttpServer(() => Promise.resolve())
  await gone.stop()
  nowhere = `${gone.origin}/v1`
  server = await startHttpServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const answer = await handle(request)
    const isRaw = typeof answer === 'object' && answer !== null && 'raw' in answer
    const { raw, status, type } = isRaw
      ? (answer as Raw)
      : { raw: JSON.stringify(answer), status: 200, type: undefined }
    response.writeHead(status, { 'content-type': type ?? 'application/json' }).end(raw)
  })
})
afterEach(() => {
  asked = []
})
afterAll(async () => {
  await http.close()
  await server.stop()
})
asked = []

const NOT_FOUND: Raw = { raw: '{"error":"not found"}', status: 404 }

const provider = (
  kind: ProviderSettings['kind'],
  more: Partial<ProviderSettings> = {},
): ProviderSettings => ({
  name: kind === 'openai_compatible' ? 'local' : kind,
  kind,
  source: 'environment',
  apiKey: KEY,
  baseUrl: `${server.origin}/v1`,
  ...more,
})

const list = (one: ProviderSettings, withinMs?: number) =>
  listProvider(one, { fetch: http.fetch, ...(withinMs === undefined ? {} : { withinMs }) })

describe('the list of', () => {
  it('OpenAI has the models that answer in text, with what is known of them', async () => {
    const seen: (string | undefined)[] = []
    handle = ({ headers }) => {
      seen.push(headers.authorization)
      const ids = [
        'gpt-5-mini',
        'gpt-4o-2024-11-20',
        'text-embedding-3-small',
        'whisper-1',
        'gpt-image-1',
        'gpt-4o-realtime-preview',
        'gpt-9-new',
      ]
      return { object: 'list', data: ids.map((id) => ({ id, object: 'model', owned_by: 'openai' })) }
    }
    expect(await list(provider('openai'))).toEqual({
      models: [
        { id: 'gpt-5-mini', tools: true, images: true, structuredOutput: true, contextLength: 400_000 },
        {
          id: 'gpt-4o-2024-11-20',
          tools: true,
          images: true,
          structuredOutput: true,
          contextLength: 128_000,
        },
        { id: 'gpt-9-new', tools: true, images: true, structuredOutput: true },
      ],
      error: undefined,
    })
    expect(seen).toEqual([`Bearer ${KEY}`])
  })

  it('Anthropic says itself what a model can do', async () => {
    const seen: unknown[] = []
    handle = ({ headers }) => {
      seen.push([headers['x-api-key'], headers['anthropic-version']])
      return {
        data: [
          {
            type: 'model',
            id: 'claude-opus-4-8',
            display_name: 'Claude Opus 4.8',
            max_input_tokens: 1_000_000,
            max_tokens: 128_000,
            capabilities: { image_input: { supported: true }, structured_outputs: { supported: true } },
          },
          { type: 'model', id: 'claude-3-5-haiku-20241022', display_name: 'Claude Haiku 3.5' },
        ],
        has_more: false,
      }
    }
    const { models } = await list(provider('anthropic'))
    expect(models).toEqual([
      {
        id: 'claude-opus-4-8',
        name: 'Claude Opus 4.8',
        tools: true,
        images: true,
        structuredOutput: true,
        contextLength: 1_000_000,
      },
      {
        id: 'claude-3-5-haiku-20241022',
        name: 'Claude Haiku 3.5',
        tools: true,
        images: true,
        structuredOutput: false,
        contextLength: 200_000,
      },
    ])
    expect(seen).toEqual([[KEY, '2023-06-01']])
    expect(asked).toEqual(['GET /v1/models?limit=1000'])
  })

  it('Google has the models that generate content', async () => {
    handle = ({ headers }) =>
      headers['x-goog-api-key'] === KEY
        ? {
            models: [
              {
                name: 'models/gemini-2.5-flash',
                displayName: 'Gemini 2.5 Flash',
                inputTokenLimit: 1_048_576,
                supportedGenerationMethods: ['generateContent'],
              },
              { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
              {
                name: 'models/gemini-2.5-flash-preview-tts',
                supportedGenerationMethods: ['generateContent'],
              },
            ],
          }
        : { raw: '{}', status: 403 }
    expect((await list(provider('google'))).models).toEqual([
      {
        id: 'gemini-2.5-flash',
        name: 'Gemini 2.5 Flash',
        tools: true,
        images: true,
        structuredOutput: true,
        contextLength: 1_048_576,
      },
    ])
  })

  it('gateways and servers in their dialects of OpenAI’s format', async () => {
    handle = () => ({
      data: [
        {
          id: 'meta-llama/llama-4-scout',
          name: 'Meta: Llama 4 Scout',
          context_length: 327_680,
          architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
          supported_parameters: ['tools', 'structured_outputs', 'temperature'],
          pricing: {
            prompt: '0.0000003',
            completion: '0.0000012',
            input_cache_read: '0.00000003',
            request: '0',
          },
        },
        { id: 'maker/painter', architecture: { output_modalities: ['image'] } },
        {
          id: 'mistral-large-latest',
          capabilities: { completion_chat: true, function_calling: true, vision: false },
          max_context_length: 131_072,
        },
        { id: 'mistral-embed', capabilities: { completion_chat: false } },
        { id: 'Qwen/Qwen3-8B', max_model_len: 40_960 },
        { id: 'llama-3.3-70b-versatile', context_window: 131_072, active: true },
        { id: 'retired', active: false },
      ],
    })
    expect((await list(provider('openai_compatible'))).models).toEqual([
      {
        id: 'meta-llama/llama-4-scout',
        name: 'Meta: Llama 4 Scout',
        tools: true,
        images: true,
        structuredOutput: true,
        contextLength: 327_680,
        price: { input: 0.3, cached_input: 0.03, output: 1.2 },
      },
      { id: 'mistral-large-latest', tools: true, images: false, contextLength: 131_072 },
      { id: 'Qwen/Qwen3-8B', contextLength: 40_960 },
      { id: 'llama-3.3-70b-versatile', contextLength: 131_072 },
    ])
    expect(asked).toEqual(['GET /v1/models'])
  })

  it('Ollama says of each model what it can do, without the key', async () => {
    handle = async (request) => {
      if (request.url === '/v1/models')
        return { data: [{ id: 'qwen3:8b' }, { id: 'nomic:latest' }, { id: 'gone' }] }
      expect(request.headers.authorization).toBeUndefined()
      if (request.url === '/api/tags') return { models: [{ name: 'qwen3:8b' }, { name: 'nomic:latest' }] }
      const { model } = JSON.parse(await readBody(request)) as { model: string }
      return model === 'qwen3:8b'
        ? {
            capabilities: ['completion', 'tools', 'thinking'],
            model_info: { 'qwen3.context_length': 40_960 },
          }
        : { capabilities: ['embedding'], model_info: {} }
    }
    expect((await list(provider('openai_compatible'))).models).toEqual([
      { id: 'qwen3:8b', tools: true, images: false, structuredOutput: true, contextLength: 40_960 },
      { id: 'gone' },
    ])
  })

  it('a server at a base URL without its version', async () => {
    handle = ({ url }) => (url === '/v1/models' ? { data: [{ id: 'served' }] } : NOT_FOUND)
    const { models } = await list(provider('openai_compatible', { baseUrl: server.origin }))
    expect(models).toEqual([{ id: 'served' }])
  })
})

describe('odd answers', () => {
  it.each<[string, unknown, string]>([
    [
      'a wrong key',
      { raw: '{"error":{"message":"Incorrect API key provided"}}', status: 401 },
      'answered 401: Incorrect API key provided',
    ],
    [
      'a web page',
      { raw: '<html>hello</html>', status: 200, type: 'text/html' },
      'sent a response that is not JSON (text/html)',
    ],
    ['a web page as an error', { raw: '<html>hello</html>', status: 502, type: 'text/html' }, 'answered 502'],
    ['another document', { hello: 'world' }, 'sent JSON without a list of models'],
    ['far too much', { raw: ' '.repeat(9 * 1024 * 1024), status: 200 }, 'sent more than 8.4 MB'],
  ])('%s is an error in words', async (_what, answer, words) => {
    handle = () => answer
    const { models, error } = await list(provider('openai_compatible'))
    expect([models, error?.message]).toEqual([[], words])
  })

  it('entries that are not models are left out, and names are cut', async () => {
    handle = () => ({
      data: [
        null,
        5,
        'x',
        {},
        { id: '' },
        { id: 'a\nb' },
        { id: 'x'.repeat(5_000) },
        { id: 'good', name: `Good\n${'x'.repeat(5_000)}`, context_length: 'many' },
        { id: 'good' },
      ],
    })
    const { models } = await list(provider('openai_compatible'))
    expect(models.map(({ id, name = '' }) => [id, name.length])).toEqual([['good', 0]])
  })

  it('a server that is silent is given up', async () => {
    handle = () => new Promise(() => undefined)
    const { error } = await list(provider('openai_compatible'), 100)
    expect(error?.message).toBe('did not answer in time')
  })

  it('a server that is not there', async () => {
    const { error } = await list(provider('openai_compatible', { baseUrl: nowhere }))
    expect(error?.message).toBe('cannot be reached (ECONNREFUSED)')
  })

  it('a slow Ollama leaves the list as it is', async () => {
    handle = ({ url }) =>
      url === '/v1/models' ? { data: [{ id: 'qwen3:8b' }] } : new Promise(() => undefined)
    expect((await list(provider('openai_compatible'), 300)).models).toEqual([{ id: 'qwen3:8b' }])
  })
})

describe('the catalogue', () => {
  const catalogueOf = (...providers: ProviderSettings[]) =>
    createModelCatalogue({
      readProviders: () => Promise.resolve(providers),
      priceOf: (model) => Promise.resolve(listPrice(model)),
      fetchFor: () => http.fetch,
    })

  it('has the models of all providers with their prices, and the error of one beside the others', async () => {
    handle = ({ url }) => (url === '/v1/models' ? { data: [{ id: 'served' }] } : NOT_FOUND)
    const { data, providers } = await catalogueOf(
      provider('openai_compatible', { name: 'lab' }),
      provider('openai', { baseUrl: nowhere }),
    ).read()
    expect(data).toMatchObject([
      { model: 'lab/served', provider: 'lab', listed: true, tools: null, context_length: null, price: null },
      { model: 'demo/assistant', price: { input: 0 } },
    ])
    expect(providers).toMatchObject([
      { provider: 'lab', kind: 'openai_compatible', models: 1, error: null },
      { provider: 'openai', models: 0, error: 'cannot be reached (ECONNREFUSED)' },
      { provider: 'demo', models: 1, error: null },
    ])
  })

  it('lists well-known models of a provider that cannot be asked', async () => {
    const { name, kind, source } = provider('anthropic')
    const away = createModelCatalogue({
      readProviders: () => Promise.resolve([{ name, kind, source, apiKey: KEY }]),
      priceOf: (model) => Promise.resolve(listPrice(model)),
      fetchFor: () => () => Promise.reject(new TypeError('fetch failed')),
    })
    const { data, providers } = await away.read({ provider: 'anthropic' })
    expect(data.find(({ model }) => model === 'anthropic/claude-haiku-4-5')).toEqual({
      model: 'anthropic/claude-haiku-4-5',
      provider: 'anthropic',
      name: null,
      listed: null,
      tools: true,
      images: true,
      structured_output: true,
      context_length: 200_000,
      price: { input: 1, cached_input: 0.1, output: 5 },
      provider_price: null,
    })
    expect(providers).toMatchObject([{ provider: 'anthropic', error: 'cannot be reached' }])
  })

  it('never shows a key that a provider repeats', async () => {
    handle = () => ({ raw: JSON.stringify({ error: { message: `bad key ${KEY}` } }), status: 401 })
    const { providers } = await catalogueOf(provider('openai')).read({ provider: 'openai' })
    expect(providers).toMatchObject([{ error: 'answered 401: bad key [redacted]' }])
  })

  it('asks once for requests at the same time, and again when told to', async () => {
    handle = () => ({ data: [{ id: 'served', context_length: 10 }] })
    const catalogue = catalogueOf(provider('openai_compatible'))
    await Promise.all([catalogue.read(), catalogue.read(), catalogue.read({ provider: 'local' })])
    await catalogue.read()
    expect(asked).toHaveLength(1)
    await catalogue.read({ refresh: true })
    expect(asked).toHaveLength(2)
  })
})
