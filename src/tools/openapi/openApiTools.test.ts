import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startToolServer, type ToolServer } from '../../../test/harness/toolServer.ts'
import { OpenApiTool } from '../../contract/openApiTool.ts'
import { createGuardedFetch, type GuardedFetch } from '../guardedFetch.ts'
import { ImportError } from '../imports/importError.ts'
import { ToolError, type RunTool } from '../tool.ts'
import { importOpenApi } from './importOpenApi.ts'
import { createOpenApiTools } from './openApiTools.ts'

const SECRETS: Record<string, string> = { TOKEN: 'tok-0123456789', PASSWORD: 'pass word' }
const secrets = (name: string): Promise<string | undefined> => Promise.resolve(SECRETS[name])
const NOW = new Date('2026-05-01T10:00:00Z')

let server: ToolServer
let fetch: GuardedFetch

beforeAll(async () => {
  server = await startToolServer()
  fetch = createGuardedFetch({ allowPrivateNetworks: ['127.0.0.0/8'] })
})

afterEach(() => server.reset())

afterAll(async () => {
  await Promise.all([server.stop(), fetch.close()])
})

const text = { type: 'string' }

/** A document with one operation, `op`, at `/things`, unless said otherwise. */
function documentOf(
  operation: object,
  { path = '/things', method = 'get', version = '3.1.0', ...more }: Record<string, unknown> = {},
) {
  return {
    openapi: version,
    info: { title: 'Things', version: '7' },
    servers: [{ url: server.url }],
    paths: { [String(path)]: { [String(method)]: { operationId: 'op', ...operation } } },
    ...more,
  }
}

async function importTool(document: object | string, more: object = {}): Promise<OpenApiTool> {
  const written = OpenApiTool.parse({ type: 'openapi', name: 'api', document, operations: ['op'], ...more })
  return { ...written, imported: await importOpenApi(written, { fetch, secrets }, NOW) }
}

async function firstTool(document: object | string, more: object = {}): Promise<RunTool> {
  const [tool] = createOpenApiTools(await importTool(document, more), { fetch, secrets })
  if (!tool) throw new Error('no tool')
  return tool
}

/** Calls the operation `op`; gives the result. */
async function call(document: object, args: unknown = {}, more: object = {}): Promise<unknown> {
  const tool = await firstTool(document, more)
  expect(await tool.check(args)).toBeUndefined()
  const scope = new AsyncDisposableStack()
  return tool.call(args, { scope, signal: new AbortController().signal, idempotencyKey: 'key-1' })
}

async function importError(document: object | string, more: object = {}) {
  const error = await importTool(document, more).catch((thrown: unknown) => thrown)
  if (error instanceof ImportError) return { pointer: error.pointer, message: error.message }
  throw new Error('it could be imported', { cause: error })
}

function sent() {
  const request = server.requests.at(-1)
  if (!request) throw new Error('nothing was sent')
  return request
}

describe('an operation', () => {
  const document = {
    openapi: '3.0.3',
    info: { title: 'Pets', version: '1.0' },
    servers: [{ url: 'https://{region}.example.com/v1/', variables: { region: { default: 'eu' } } }],
    paths: {
      '/pets/{petId}': {
        parameters: [{ $ref: '#/components/parameters/PetId' }],
        get: { operationId: 'pets.get', summary: 'Read a pet', description: 'With all its data.' },
        put: {
          summary: 'Change a pet',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
          },
        },
      },
    },
    components: {
      parameters: {
        PetId: {
          name: 'petId',
          in: 'path',
          required: true,
          description: 'Whose',
          schema: { type: 'integer' },
        },
      },
      schemas: {
        Pet: {
          type: 'object',
          required: ['id', 'name'],
          properties: {
            id: { type: 'integer', readOnly: true },
            name: { type: 'string', example: 'Rex', xml: { attribute: true } },
            nick: { type: 'string', nullable: true, enum: ['Rexy'] },
            age: { type: 'number', minimum: 0, exclusiveMinimum: true },
            owner: { $ref: '#/components/schemas/Owner', description: 'in 3.0 this counts for nothing' },
            children: { type: 'array', items: { $ref: '#/components/schemas/Pet' } },
          },
        },
        Owner: { type: 'object', properties: { name: { type: 'string' } } },
      },
    },
  }

  it('is described to the model as the document describes it', async () => {
    const { imported } = await importTool(document, { operations: ['pets.get', 'put /pets/{petId}'] })
    const petId = { type: 'integer', description: 'Whose' }
    const pet = {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', examples: ['Rex'] },
        nick: { type: ['string', 'null'], enum: ['Rexy', null] },
        age: { type: 'number', exclusiveMinimum: 0 },
        owner: { type: 'object', properties: { name: { type: 'string' } } },
        children: { type: 'array', items: { $ref: '#/$defs/Pet' } },
      },
    }
    expect(imported).toEqual({
      imported_at: NOW.toISOString(),
      title: 'Pets',
      version: '1.0',
      operations: [
        {
          operation: 'pets.get',
          name: 'api_pets_get',
          description: 'Read a pet\n\nWith all its data.',
          method: 'GET',
          path: '/pets/{petId}',
          server: 'https://eu.example.com/v1',
          parameters: {
            type: 'object',
            properties: { petId },
            required: ['petId'],
            additionalProperties: false,
          },
          arguments: [{ argument: 'petId', in: 'path', name: 'petId', style: 'simple', explode: false }],
          credentials: [],
          access: 'read',
          idempotent: true,
        },
        {
          operation: 'put /pets/{petId}',
          name: 'api_put_pets_petId',
          description: 'Change a pet',
          method: 'PUT',
          path: '/pets/{petId}',
          server: 'https://eu.example.com/v1',
          parameters: {
            type: 'object',
            properties: { petId, body: pet },
            required: ['petId', 'body'],
            additionalProperties: false,
            $defs: { Pet: pet },
          },
          arguments: [{ argument: 'petId', in: 'path', name: 'petId', style: 'simple', explode: false }],
          body: { argument: 'body', content_type: 'application/json' },
          credentials: [],
          access: 'write',
          idempotent: false,
        },
      ],
    })
  })

  it('is the same from YAML', async () => {
    const { dump } = await import('js-yaml')
    const fromJson = await importTool(document, { operations: ['pets.get'] })
    const fromYaml = await importTool(dump(document), { operations: ['pets.get'] })
    expect(fromYaml.imported).toEqual(fromJson.imported)
    const merged = 'openapi: 3.1.0\nx: &x {operationId: op}\npaths: {/a: {get: {<<: *x, summary: Hi}}}'
    expect((await importTool(merged, { server: server.url })).imported?.operations).toMatchObject([
      { operation: 'op', description: 'Hi' },
    ])
  })

  it('has the access and the approval that a person gives it', async () => {
    const tools = createOpenApiTools(
      await importTool(document, {
        operations: ['pets.get', 'PUT /pets/{petId}'],
        access: { 'pets.get': 'write', 'PUT /pets/{petId}': 'read' },
        approval: { 'pets.get': 'always' },
      }),
      { fetch, secrets },
    )
    expect(tools.map(({ access, approval, idempotent }) => ({ access, approval, idempotent }))).toEqual([
      { access: 'write', approval: 'always', idempotent: true },
      { access: 'read', approval: undefined, idempotent: true },
    ])
  })

  it('with a large schema refers to its parts instead of writing them out', async () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 16 }, (_, n) => [
        `S${n}`,
        n === 15
          ? text
          : {
              type: 'object',
              properties: {
                a: { $ref: `#/components/schemas/S${n + 1}` },
                b: { $ref: `#/components/schemas/S${n + 1}` },
              },
            },
      ]),
    )
    const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } } }
    const { imported } = await importTool(
      documentOf({ requestBody: body }, { method: 'post', components: { schemas } }),
    )
    const parameters = imported?.operations[0]?.parameters ?? {}
    expect(Object.keys(Object(parameters['$defs']))).toHaveLength(16)
    expect(JSON.stringify(parameters).length).toBeLessThan(2_500)
  })
})

describe('a call', () => {
  it('puts every argument where the document says', async () => {
    const parameters = [
      { name: 'id', in: 'path', required: true, schema: text },
      { name: 'q', in: 'query', schema: text },
      { name: 'tags', in: 'query', schema: { type: 'array', items: text } },
      { name: 'ids', in: 'query', style: 'pipeDelimited', explode: false, schema: { type: 'array' } },
      { name: 'list', in: 'query', explode: false, schema: { type: 'array' } },
      { name: 'filter', in: 'query', style: 'deepObject', explode: true, schema: { type: 'object' } },
      { name: 'page', in: 'query', schema: { type: 'object' } },
      { name: 'where', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
      { name: 'X-Trace', in: 'header', schema: text },
      { name: 'session', in: 'cookie', schema: text },
      { name: 'Accept', in: 'header', schema: text },
    ]
    const result = await call(documentOf({ parameters }, { path: '/things/{id}/parts' }), {
      id: 'a/b ä',
      q: 'x&y=z',
      tags: ['one', 'two'],
      ids: [1, 2],
      list: ['a', 'b'],
      filter: { name: 'Rex', age: 3 },
      page: { number: 2, size: 10 },
      where: { a: [1] },
      'X-Trace': 'trace-1',
      session: 's 1',
    })
    expect(result).toMatchObject({ status: 200, body: { ok: true } })
    const { path, headers, method } = sent()
    const url = new URL(path, server.url)
    expect(method).toBe('GET')
    expect(url.pathname).toBe('/things/a%2Fb%20%C3%A4/parts')
    expect([...url.searchParams]).toEqual([
      ['q', 'x&y=z'],
      ['tags', 'one'],
      ['tags', 'two'],
      ['ids', '1|2'],
      ['list', 'a,b'],
      ['filter[name]', 'Rex'],
      ['filter[age]', '3'],
      ['number', '2'],
      ['size', '10'],
      ['where', '{"a":[1]}'],
    ])
    expect(headers).toMatchObject({ 'x-trace': 'trace-1', cookie: 'session=s%201' })
    expect(headers['idempotency-key']).toBeUndefined()
  })

  it('that writes sends its body, with a key that is the same on each repetition', async () => {
    const requestBody = { content: { 'application/json': { schema: { type: 'object' } } } }
    await call(documentOf({ requestBody }, { method: 'post' }), { body: { name: 'Rex' } })
    expect(sent()).toMatchObject({ method: 'POST', body: '{"name":"Rex"}', key: 'key-1' })
    expect(sent().headers['content-type']).toBe('application/json')
  })

  it('sends forms and plain text, too', async () => {
    const form = { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } }
    await call(documentOf({ requestBody: form }, { method: 'put' }), { body: { a: '1 2', b: ['x', 'y'] } })
    expect(sent().body).toBe('a=1+2&b=x&b=y')
    const plain = { content: { 'text/plain': { schema: text } } }
    await call(documentOf({ requestBody: plain }, { method: 'patch' }), { body: 'hello' })
    expect(sent()).toMatchObject({ method: 'PATCH', body: 'hello' })
  })

  it('of an operation that declares Idempotency-Key may be repeated; the model does not see the key', async () => {
    const parameters = [{ name: 'Idempotency-Key', in: 'header', required: true, schema: text }]
    const tool = await firstTool(documentOf({ parameters }, { method: 'post' }))
    expect(tool).toMatchObject({ access: 'write', idempotent: true })
    expect(tool.parameters['properties']).toEqual({})
  })

  it('has arguments of two places with one name apart', async () => {
    const parameters = [
      { name: 'id', in: 'path', required: true, schema: text },
      { name: 'id', in: 'query', schema: text },
      { name: 'filter[id]', in: 'query', schema: text },
    ]
    const document = documentOf({ parameters }, { path: '/things/{id}' })
    await call(document, { id: 'p', id_query: 'q', filter_id_: 'f' })
    expect(sent().path).toBe('/things/p?id=q&filter%5Bid%5D=f')
  })

  it.each([['..'], ['.'], ['']])('does not leave its path for %j', async (id) => {
    const parameters = [{ name: 'id', in: 'path', required: true, schema: text }]
    const document = documentOf({ parameters }, { path: '/things/{id}' })
    await expect(call(document, { id })).rejects.toThrow(ToolError)
    expect(server.requests).toEqual([])
  })

  it('tells the model what went wrong', async () => {
    server.handle(() => ({ status: 404, body: { error: 'no such thing' } }))
    await expect(call(documentOf({}))).rejects.toThrow('HTTP 404 Not Found: {"error":"no such thing"}')
    const away = { ...documentOf({}, { method: 'delete' }), servers: [{ url: 'http://127.0.0.1:9' }] }
    await expect(call(away)).rejects.toThrow(/could not be reached.*Whether the call took effect is unknown/)
  })

  it('checks its arguments', async () => {
    const parameters = [{ name: 'n', in: 'query', required: true, schema: { type: 'integer' } }]
    const tool = await firstTool(documentOf({ parameters }))
    expect(await tool.check({ n: 1 })).toBeUndefined()
    expect(await tool.check({})).toMatch(/required property 'n'/)
    expect(await tool.check({ n: 1, other: 2 })).toMatch(/must NOT have additional properties: "other"/)
  })
})

describe('the server', () => {
  it('is the one that the person names, also from a secret', async () => {
    SECRETS['BASE'] = `${server.url}/base/`
    await call({ ...documentOf({}), servers: [] }, {}, { server: '{{ secrets.BASE }}' })
    expect(sent().path).toBe('/base/things')
  })

  it('of the operation counts more than that of the document', async () => {
    await call(documentOf({ servers: [{ url: `${server.url}/own` }] }))
    expect(sent().path).toBe('/own/things')
  })

  it('may be relative to where the document was read', async () => {
    server.handle(({ path }) =>
      path === '/docs/api.json'
        ? { body: { ...documentOf({}), servers: [{ url: '../v2' }] } }
        : { body: 'hi' },
    )
    const more = { url: `${server.url}/docs/api.json`, document: undefined }
    const written = OpenApiTool.parse({ type: 'openapi', name: 'api', operations: ['op'], ...more })
    const imported = await importOpenApi(written, { fetch, secrets }, NOW)
    expect(imported.operations[0]?.server).toBe(`${server.url}/v2`)
  })

  it('is asked for when the document names none', async () => {
    expect(await importError({ ...documentOf({}), servers: undefined })).toEqual({
      pointer: '/server',
      message: 'the document names no full URL for op: give the base URL here',
    })
  })
})

describe('credentials', () => {
  const securitySchemes = {
    key: { type: 'apiKey', in: 'header', name: 'X-Key' },
    queryKey: { type: 'apiKey', in: 'query', name: 'key' },
    cookieKey: { type: 'apiKey', in: 'cookie', name: 'sid' },
    bearer: { type: 'http', scheme: 'bearer' },
    basic: { type: 'http', scheme: 'Basic' },
    oauth: { type: 'oauth2', flows: {} },
    certificate: { type: 'mutualTLS' },
  }
  const secured = (security: unknown) => documentOf({ security }, { components: { securitySchemes } })

  it.each([
    ['a header', 'key', '{{ secrets.TOKEN }}', { headers: { 'x-key': 'tok-0123456789' } }],
    ['the query', 'queryKey', '{{ secrets.TOKEN }}', { path: '/things?key=tok-0123456789' }],
    ['a cookie', 'cookieKey', '{{ secrets.TOKEN }}', { headers: { cookie: 'sid=tok-0123456789' } }],
    ['a bearer', 'bearer', '{{ secrets.TOKEN }}', { headers: { authorization: 'Bearer tok-0123456789' } }],
    [
      'a whole',
      'oauth',
      'bearer {{ secrets.TOKEN }}',
      { headers: { authorization: 'bearer tok-0123456789' } },
    ],
    [
      'user and password',
      'basic',
      'me:{{ secrets.PASSWORD }}',
      { headers: { authorization: `Basic ${btoa('me:pass word')}` } },
    ],
  ])('go into %s', async (_what, scheme, template, expected) => {
    server.handle((request) => ({ body: { echo: [request.headers, request.path] } }))
    const result = await call(secured([{ [scheme]: [] }]), {}, { auth: { [scheme]: template } })
    expect(sent()).toMatchObject(expected)
    expect(JSON.stringify(result)).not.toMatch(/tok-0123|pass word|bWU6cGFzcyB3b3Jk/)
    expect(JSON.stringify(result)).toMatch(/redacted/)
  })

  it('are those of the first way in that all are given for', async () => {
    const auth = { key: 'k', queryKey: 'q', bearer: 'b' }
    const ways = [{ basic: [] }, {}, { key: [], queryKey: [] }, { bearer: [] }]
    await call(secured(ways), {}, { auth })
    expect(sent().path).toBe('/things?key=q')
    expect(sent().headers).toMatchObject({ 'x-key': 'k' })
    expect(sent().headers.authorization).toBeUndefined()
  })

  it('are left out where none are needed, and used where a document does not say', async () => {
    await call(secured([{ basic: [] }, {}]), {}, { auth: { key: 'k' } })
    expect(sent().headers['x-key']).toBeUndefined()
    await call(secured(undefined), {}, { auth: { key: 'k' } })
    expect(sent().headers['x-key']).toBe('k')
  })

  it('are not asked of the model, when the document lists them as parameters, too', async () => {
    const parameters = [{ name: 'x-key', in: 'header', required: true, schema: text }]
    const document = documentOf({ security: [{ key: [] }], parameters }, { components: { securitySchemes } })
    const tool = await firstTool(document, { auth: { key: 'k' } })
    expect(tool.parameters['properties']).toEqual({})
  })

  it.each([
    [
      'missing',
      [{ basic: [] }, { key: [], bearer: [] }],
      {},
      /op needs a credential for basic, or key and bearer/,
    ],
    [
      'for a scheme that is not there',
      [],
      { nothing: 'x' },
      /no security scheme nothing; it has key, queryKey/,
    ],
    ['of a kind that is not supported', [], { certificate: 'x' }, /not supported: mutualTLS/],
  ])('that are %s are refused', async (_what, security, auth, message) => {
    expect(await importError(secured(security), { auth })).toEqual({
      pointer: '/auth',
      message: expect.stringMatching(message),
    })
  })
})

describe('a document that cannot be used', () => {
  it.each<[string, object | string, object, string, RegExp]>([
    ['no document', 'hello', {}, '/document', /it is not an object/],
    ['broken', '{"a": [', {}, '/document', /neither valid JSON nor valid YAML/],
    ['Swagger 1', { swagger: '1.2', paths: {} }, {}, '/document', /Swagger 1/],
    ['Swagger 2 without paths', { swagger: '2.0' }, {}, '/document', /no "paths"/],
    ['no version', { paths: {} }, {}, '/document', /version 3.0, 3.1 or 3.2/],
    ['no paths', { openapi: '3.1.0' }, {}, '/document', /no "paths"/],
    ['a YAML bomb', bomb(), {}, '/document', /neither valid JSON nor valid YAML/],
  ])('%s', async (_what, document, more, pointer, message) => {
    expect(await importError(document, more)).toEqual({ pointer, message: expect.stringMatching(message) })
  })

  it.each<[string, object, object, string, RegExp]>([
    [
      'another operation',
      {},
      { operations: ['opp'] },
      '/operations/0',
      /no operation opp; did you mean op\?/,
    ],
    ['another method', {}, { operations: ['op', 'POST /things'] }, '/operations/1', /no operation POST/],
    ['a base URL with a query', {}, { server: 'https://x/?a=b' }, '/server', /must not have a query/],
    ['a style', { parameters: [{ name: 'a', in: 'path', style: 'matrix' }] }, {}, '/operations/0', /a style/],
    [
      'a reference out',
      { parameters: [{ $ref: 'other.json#/a' }] },
      {},
      '/operations/0',
      /outside the document/,
    ],
    [
      'a reference to nothing',
      { parameters: [{ $ref: '#/components/a' }] },
      {},
      '/operations/0',
      /cannot be resolved/,
    ],
    ['a circle', { parameters: [{ $ref: '#/components/x' }] }, {}, '/operations/0', /refers to itself/],
  ])('%s', async (_what, operation, more, pointer, message) => {
    const document = documentOf(operation, { components: { x: { $ref: '#/components/x' } } })
    expect(await importError(document, more)).toEqual({ pointer, message: expect.stringMatching(message) })
  })

  it.each([true, false, undefined])(
    'with a body that cannot be written, required or not: %s',
    async (required) => {
      const content = { 'application/xml': {} }
      const document = documentOf({ requestBody: { required, content } }, { method: 'post' })
      expect(await importError(document)).toEqual({
        pointer: '/operations/0',
        message: expect.stringMatching(
          /^op cannot be used: its body is of a type that cannot be written: application\/xml. JSON, forms/,
        ),
      })
    },
  )

  it('with a body that its method cannot have, or that says nothing of itself', async () => {
    const content = { 'application/json': {} }
    expect(await importError(documentOf({ requestBody: { content } }))).toMatchObject({
      message: 'op cannot be used: it has a body, and a GET request has none',
    })
    expect(await importError(documentOf({ requestBody: { content: {} } }, { method: 'post' }))).toMatchObject(
      {
        message: expect.stringMatching(/its body has no media type/),
      },
    )
  })

  it.each([
    [{ name: 'a', in: 'body' }, /the parameter a is in "body": use path, query, header, cookie/],
    [{ name: 'a' }, /the parameter a is in missing/],
    [{ in: 'query' }, /has no name/],
    ['text', /is not an object/],
  ])('with a parameter that goes nowhere: %o', async (parameter, message) => {
    expect(await importError(documentOf({ parameters: [parameter] }))).toEqual({
      pointer: '/operations/0',
      message: expect.stringMatching(message),
    })
  })

  it.each([
    ['POST /servers', { post: { $ref: 'operations/create.yaml' } }],
    ['DELETE /servers', { $ref: './servers.yaml' }],
  ])('with a reference to another file: %s', async (operation, item) => {
    const document = { ...documentOf({}), paths: { '/servers': item, '/': { get: { operationId: 'op' } } } }
    expect(await importError(document, { operations: ['op', operation] })).toEqual({
      pointer: '/operations/1',
      message: expect.stringMatching(
        /^(POST|DELETE) \/servers cannot be used: the reference .*yaml points outside the document: bundle it/,
      ),
    })
    // What the document holds itself can be used all the same.
    expect((await importTool(document)).imported?.operations).toHaveLength(1)
    expect(await importError(document, { operations: ['createServer'] })).toMatchObject({
      message: expect.stringMatching(
        /no operation createServer; some operations could not be read: .*bundle/,
      ),
    })
  })

  it.each([
    ['is not there', { status: 404, body: 'no' }, /HTTP 404 instead of a document/],
    ['is a redirect', { status: 302, headers: { location: '/x' }, body: '' }, /HTTP 302/],
    ['is a web page', { body: '<!doctype html><p>: : [' }, /neither valid JSON nor valid YAML|not an object/],
  ])('%s', async (_what, reply, message) => {
    server.handle(() => reply)
    const more = { document: undefined, url: `${server.url}/{{ secrets.TOKEN }}` }
    expect(await importError('', more)).toEqual({ pointer: '/url', message: expect.stringMatching(message) })
  })

  it('is at an address that is not public', async () => {
    const more = { document: undefined, url: 'http://10.1.2.3/{{ secrets.TOKEN }}' }
    const { message } = await importError('', more)
    expect(message).toMatch(/^the document could not be read: 10.1.2.3 is not a public address/)
  })
})

/** Aliases that stand for aliases. */
function bomb(): string {
  const lines = Array.from({ length: 30 }, (_, n) =>
    n === 0
      ? 'a0: &a0 [x, x]'
      : `a${n}: &a${n} [${Array(50)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
  )
  return lines.join('\n')
}

describe('what documents write although they should not', () => {
  it('is a placeholder that nobody declares: it becomes a required text', async () => {
    const document = documentOf({}, { path: '/users/{userId}/mails', method: 'delete' })
    const tool = await firstTool(document)
    expect(tool.parameters).toEqual({
      type: 'object',
      properties: { userId: { type: 'string' } },
      required: ['userId'],
      additionalProperties: false,
    })
    expect(await tool.check({})).toMatch(/required property 'userId'/)
    await call(document, { userId: 'u/1' })
    expect(sent().path).toBe('/users/u%2F1/mails')
  })

  it('is a query or a fragment within a path', async () => {
    const parameters = [{ name: 'q', in: 'query', schema: text }]
    const document = documentOf({ parameters }, { path: '/search?action=find&q={q}&by={by}#v2' })
    await call(document, { q: 'a&b', by: 'me' })
    expect(sent().path).toBe('/search?action=find&q=a%26b&by=me')
    await call(documentOf({ parameters }, { path: '/search?action=find' }), { q: 'x' })
    expect(sent().path).toBe('/search?action=find&q=x')
  })

  it('is the same operationId twice, or an odd one', async () => {
    const paths = {
      '/a': { get: { operationId: 'list' }, post: { operationId: 'issues/create a new-one' } },
      '/b': { get: { operationId: 'list' }, put: { operationId: 42 } },
    }
    const operations = ['GET /a', 'GET /b', 'issues/create a new-one', '42']
    const { imported } = await importTool({ ...documentOf({}), paths }, { operations })
    expect(imported?.operations.map(({ name }) => name)).toEqual([
      'api_get_a',
      'api_get_b',
      'api_issues_create_a_new-one',
      'api_42',
    ])
  })

  it.each([
    [
      '3.1.0',
      { type: 'integer', minimum: 1, exclusiveMinimum: true },
      { type: 'integer', exclusiveMinimum: 1 },
    ],
    ['3.1.0', { type: 'integer', minimum: 1, exclusiveMinimum: false }, { type: 'integer', minimum: 1 }],
    ['3.1.0', { type: 'string', enum: [] }, { type: 'string' }],
    ['3.1.0', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    ['3.0.0', { type: 'int', minimum: '5' }, { type: 'integer', minimum: 5 }],
    ['3.0.0', { type: 'string', pattern: '(?i)^a\\\\z' }, { type: 'string' }],
    ['3.0.0', { type: 'any', required: true, examples: {}, maxLength: -1 }, {}],
    ['3.1.0', { type: 'array', items: [text] }, { type: 'array', prefixItems: [text] }],
  ])('is a schema that is not one, in %s: %o', async (version, schema, expected) => {
    const parameters = [{ name: 'a', in: 'query', schema }]
    const tool = await firstTool(documentOf({ parameters }, { version }))
    expect(tool.parameters['properties']).toEqual({ a: expected })
    expect(await tool.check({})).toBeUndefined()
  })

  it('is a schema that offers itself, as drafts before did', async () => {
    const filter = {
      $recursiveAnchor: true,
      type: 'object',
      properties: { and: { type: 'array', items: { anyOf: [text, { $recursiveRef: '#' }] } } },
      required: ['and'],
    }
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/Filter' } } }
    const document = documentOf(
      { requestBody: { content } },
      { method: 'post', components: { schemas: { Filter: filter } } },
    )
    const tool = await firstTool(document)
    expect(await tool.check({ body: { and: ['a', { and: ['b'] }] } })).toBeUndefined()
    expect(await tool.check({ body: { and: ['a', { or: ['b'] }] } })).toMatch(/\/body\/and\/1/)
  })
})

describe('a body that the document does not call required', () => {
  const orders = (schema: object, components: object = {}, more: object = {}) =>
    documentOf(
      { requestBody: { content: { 'application/json': { schema } }, ...more } },
      { method: 'post', components: { schemas: components } },
    )
  const fields = { type: 'object', properties: { count: { type: 'integer' } } }

  it.each<[string, Parameters<typeof orders>]>([
    ['itself', [{ ...fields, required: ['count'] }]],
    [
      'in a part',
      [{ allOf: [fields, { $ref: '#/components/schemas/Base' }] }, { Base: { required: ['id'] } }],
    ],
    ['although it says so', [{ ...fields, required: ['count'] }, {}, { required: false }]],
  ])('is required where it needs fields, %s', async (_where, body) => {
    const tool = await firstTool(orders(...body))
    expect(tool.parameters['required']).toEqual(['body'])
    expect(await tool.check({})).toMatch(/required property 'body'/)
  })

  it('may be left out where it needs none', async () => {
    expect((await firstTool(orders(fields))).parameters['required']).toBeUndefined()
  })
})

describe('a body of a GET', () => {
  const reading = (schema: object, more: object = {}) =>
    documentOf({ requestBody: { content: { 'application/x-www-form-urlencoded': { schema } }, ...more } })
  const nothing = { type: 'object', properties: {} }

  it.each<[Parameters<typeof reading>]>([
    [[nothing]],
    [[{ ...nothing, additionalProperties: false, title: 'Nothing' }, { required: false }]],
    [[{ type: 'object', additionalProperties: false }]],
  ])('is left out where it cannot hold anything: %j', async (body) => {
    const tool = await firstTool(reading(...body))
    expect(tool.parameters['properties']).toEqual({})
    expect(await call(reading(...body), {})).toMatchObject({ status: 200 })
    expect(sent().body.length).toBe(0)
  })

  it.each<[Parameters<typeof reading>]>([
    [[nothing, { required: true }]],
    [[{ type: 'object' }]],
    [[{ ...nothing, additionalProperties: { type: 'string' } }]],
    [[{ ...nothing, allOf: [{ properties: { a: {} } }] }]],
    [[{ type: 'object', properties: { a: { type: 'string' } } }]],
  ])('is refused where it can: %j', async (body) => {
    await expect(firstTool(reading(...body))).rejects.toThrow(/a GET request has none/)
  })
})

describe('a body of several parts', () => {
  const schema = {
    type: 'object',
    required: ['title'],
    properties: {
      title: text,
      file: { type: 'string', format: 'binary', description: 'The page.' },
      more: { type: 'array', items: { type: 'string', format: 'binary' } },
      options: { type: 'object', properties: { draft: { type: 'boolean' } } },
    },
  }
  const document = (content: object) => documentOf({ requestBody: { content } }, { method: 'post' })

  async function received(): Promise<FormData> {
    const { body, headers } = sent()
    return new Response(body, { headers: { 'content-type': String(headers['content-type']) } }).formData()
  }

  it('is written, with files from Base64', async () => {
    const tool = await firstTool(document({ 'multipart/form-data': { schema } }))
    expect(tool.parameters).toMatchObject({
      properties: {
        body: {
          properties: {
            title: text,
            file: { type: 'string', description: 'The page. (the bytes in Base64)' },
            more: { items: { type: 'string', description: '(the bytes in Base64)' } },
          },
        },
      },
    })
    const body = {
      title: 'Hello',
      file: Buffer.from('# Hi').toString('base64'),
      more: ['data:text/plain;base64,QQ==', 'Qg'],
      options: { draft: true },
    }
    await call(document({ 'multipart/form-data': { schema } }), { body })
    const form = await received()
    expect(form.get('title')).toBe('Hello')
    const file = form.get('file')
    expect(file instanceof File && { name: file.name, text: await file.text() }).toEqual({
      name: 'file',
      text: '# Hi',
    })
    const more = form.getAll('more').map((one) => (one instanceof File ? one.text() : Promise.resolve(one)))
    expect(await Promise.all(more)).toEqual(['A', 'B'])
    const options = form.get('options')
    expect(options instanceof File && { type: options.type, text: await options.text() }).toEqual({
      type: 'application/json',
      text: '{"draft":true}',
    })
  })

  it('is preferred to a form where it has files; what is not Base64 is an error', async () => {
    const both = document({
      'application/x-www-form-urlencoded': { schema },
      'multipart/form-data': { schema },
    })
    await expect(call(both, { body: { title: 'x', file: 'not base64!' } })).rejects.toThrow(
      'the file file is not written in Base64',
    )
    expect(server.requests).toEqual([])
  })

  it('may be one file alone', async () => {
    await call(document({ 'application/octet-stream': {} }), { body: 'AAEC' })
    expect(sent().headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '3',
    })
  })

  it('as a form writes objects key by key where the document says so', async () => {
    const media = {
      schema: {
        type: 'object',
        properties: { metadata: { type: 'object' }, expand: { type: 'array', items: text } },
      },
      encoding: { metadata: { style: 'deepObject', explode: true }, expand: { style: 'deepObject' } },
    }
    const body = { metadata: { order: 7, by: { id: 'a' } }, expand: ['x'] }
    await call(document({ 'application/x-www-form-urlencoded': media }), { body })
    expect([...new URLSearchParams(sent().body)]).toEqual([
      ['metadata[order]', '7'],
      ['metadata[by][id]', 'a'],
      ['expand[0]', 'x'],
    ])
  })
})

describe('a document of Swagger 2.0', () => {
  const swagger = () => ({
    swagger: '2.0',
    info: { title: 'Old', version: '1' },
    host: new URL(server.url).host,
    basePath: '/v1',
    schemes: ['http'],
    securityDefinitions: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
    security: [{ key: [] }],
    definitions: { Pet: { type: 'object', required: ['name'], properties: { name: text } } },
    parameters: { pet: { in: 'body', name: 'pet', required: true, schema: { $ref: '#/definitions/Pet' } } },
    paths: {
      '/pets/{id}': {
        parameters: [{ in: 'path', name: 'id', required: true, type: 'integer' }],
        put: { operationId: 'savePet', parameters: [{ $ref: '#/parameters/pet' }] },
        get: {
          operationId: 'findPets',
          parameters: [{ in: 'query', name: 'tags', type: 'array', items: text, collectionFormat: 'multi' }],
        },
        post: {
          operationId: 'addPhoto',
          consumes: ['multipart/form-data'],
          parameters: [
            { in: 'formData', name: 'file', type: 'file', required: true },
            { in: 'formData', name: 'note', type: 'string' },
          ],
        },
      },
    },
  })

  it('is converted, and stays in the agent as it was written', async () => {
    const document = swagger()
    const more = { operations: ['savePet', 'findPets', 'addPhoto'], auth: { key: '{{ secrets.TOKEN }}' } }
    const imported = await importTool(document, more)
    expect(imported.document).toEqual(swagger())
    const tools = createOpenApiTools(imported, { fetch, secrets })
    const context = {
      scope: new AsyncDisposableStack(),
      signal: new AbortController().signal,
      idempotencyKey: 'k',
    }
    await tools[0]?.call({ id: 7, body: { name: 'Rex' } }, context)
    expect(sent()).toMatchObject({ method: 'PUT', path: '/v1/pets/7', body: '{"name":"Rex"}' })
    expect(sent().headers).toMatchObject({ 'x-key': SECRETS['TOKEN'], 'content-type': 'application/json' })
    await tools[1]?.call({ id: 7, tags: ['a', 'b'] }, context)
    expect(sent().path).toBe('/v1/pets/7?tags=a&tags=b')
    await tools[2]?.call({ id: 7, body: { file: 'QUJD', note: 'x' } }, context)
    expect(sent().body).toMatch(/name="file"; filename="file"[^]*ABC[^]*name="note"/)
    expect(await tools[0]?.check({ id: 7 })).toMatch(/required property 'body'/)
  })
})
