import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent, Revision, Limits } from '../../contract/agent.ts'
import { pageOf } from '../../contract/page.ts'
import { startManagementServer, type ManagementServer } from '../../../test/harness/managementServer.ts'

const MINIMAL = { name: 'Support', instructions: 'Help {{ payload.name }}.', model: 'demo/assistant' }

let server: ManagementServer

beforeAll(async () => {
  server = await startManagementServer()
})
afterAll(() => server.stop())

async function create(config: object = {}): Promise<Agent> {
  const answer = await server.call('POST', '/api/agents', { json: { ...MINIMAL, ...config } })
  expect(answer.status).toBe(201)
  return Agent.parse(answer.body)
}

function httpTool(fields: object = {}) {
  return {
    type: 'http',
    name: 'look_up',
    description: 'Looks up.',
    url: 'https://api.example/x',
    access: 'read',
    ...fields,
  }
}

/** A schema with so many levels. */
function nested(levels: number): object {
  return levels === 0 ? {} : { items: nested(levels - 1) }
}

describe('a new agent', () => {
  it('comes back with defaults, at the address that Location names', async () => {
    const answer = await server.call('POST', '/api/agents', { json: MINIMAL })
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({
      ...MINIMAL,
      revision: 1,
      tools: [],
      limits: { max_steps: 20, timeout_seconds: 600 },
      retry: { max_attempts: 3 },
      approvals: { write_calls: 'never', timeout_seconds: 86_400 },
      unverified_senders: 'all_tools',
    })
    const read = await server.call('GET', answer.headers.get('location') ?? '')
    expect(read.status).toBe(200)
    expect(read.body).toEqual(answer.body)
  })

  it('keeps every field as it was sent', async () => {
    const config = {
      description: 'Answers people.',
      title: 'Hello to {{ payload.name }}',
      message: 'Say hello to {{ payload.name }}',
      tools: [
        httpTool({
          method: 'POST',
          parameters: { type: 'object', properties: { z: { type: 'string' }, a: { type: 'number' } } },
          headers: { 'X-Trace': '{{ arguments.z }}' },
          body: '{"a": {{ arguments.a }}}',
          access: 'write',
          idempotent: true,
          approval: 'unverified',
        }),
        { type: 'builtin', name: 'current_time' },
      ],
      output_schema: { type: 'object', properties: { zebra: {}, ant: {} } },
      limits: { max_steps: 7, timeout_seconds: 1.5, max_concurrent_runs: 2 },
      retry: { max_attempts: 1 },
      approvals: { write_calls: 'always', timeout_seconds: 0.5 },
      unverified_senders: 'read_only',
    }
    const { id } = await create(config)
    const { body } = await server.call('GET', `/api/agents/${id}`)
    expect(body).toMatchObject({ ...MINIMAL, ...config })
    // The order of properties means something to a model.
    expect(Object.keys(z.object({ output_schema: z.any() }).parse(body).output_schema.properties)).toEqual([
      'zebra',
      'ant',
    ])
  })

  it.each([
    ['a missing field', { name: undefined }, '/name', 'is missing'],
    ['an empty name', { name: '  ' }, '/name', /1/],
    ['a name with a control character', { name: 'a\u0000b' }, '/name', /control/],
    ['half a surrogate pair in the name', { name: 'a\ud800' }, '/name', /control/],
    ['a field that does not exist', { instruction: 'x' }, '/instruction', 'is not a known field'],
    [
      'an unknown limit',
      { limits: { 'max/steps~': 1 } },
      '/limits/max~1steps~0',
      'is not a known field; did you mean "max_steps"?',
    ],
    ['a title that cannot be parsed', { title: 'A {{ broken' }, '/title', /not closed/],
    ['a wrong type', { tools: {} }, '/tools', /must be a list/],
    [
      'a tool of an unknown type',
      { tools: [{ type: 'magic', name: 'x' }] },
      '/tools/0/type',
      'use one of "http", "openapi", "mcp", "builtin"',
    ],
    ['a tool without a type', { tools: [{ name: 'x' }] }, '/tools/0/type', 'is missing'],
    ['a limit out of range', { limits: { max_steps: 0 } }, '/limits/max_steps', /1/],
    ['a model without a provider', { model: 'gpt' }, '/model', /provider\/model/],
    ['a model that no provider has', { model: 'unknown/x' }, '/model', 'there is no provider unknown'],
    [
      'a schema nested beyond reason',
      { output_schema: nested(101) },
      '/output_schema',
      'is nested too deeply',
    ],
    ['broken instructions', { instructions: '{{ broken' }, '/instructions', 'the tag is not closed'],
    ['a broken message', { message: '{{ broken' }, '/message', 'the tag is not closed'],
    [
      'an output schema that is none',
      { output_schema: { type: 'nonsense' } },
      '/output_schema',
      'nonsense is no type',
    ],
    ['a broken URL', { tools: [httpTool({ url: '{{ broken' })] }, '/tools/0/url', 'the tag is not closed'],
    [
      'a broken header',
      { tools: [httpTool({ headers: { 'a~b': '{{ broken' } })] },
      '/tools/0/headers/a~0b',
      /closed/,
    ],
    [
      'a broken body',
      { tools: [httpTool({ method: 'POST', body: '{{ broken' })] },
      '/tools/0/body',
      'the tag is not closed',
    ],
    [
      'parameters that are no schema',
      { tools: [httpTool({ parameters: { type: 'object', not: 'nonsense' } })] },
      '/tools/0/parameters',
      'nonsense is no type',
    ],
    [
      'parameters that are no object',
      { tools: [httpTool({ parameters: { type: 'string' } })] },
      '/tools/0/parameters',
      /"type": "object"/,
    ],
    [
      'a GET request with a body',
      { tools: [httpTool({ method: 'GET', body: '{{ id }}' })] },
      '/tools/0/body',
      /has no body/,
    ],
    [
      'a header that cannot be sent',
      { tools: [httpTool({ headers: { 'X Y': '1' } })] },
      '/tools/0/headers/X Y',
      /not a valid header name/,
    ],
    [
      'a header that is not for tools',
      { tools: [httpTool({ headers: { 'Transfer-Encoding': 'chunked' } })] },
      '/tools/0/headers/Transfer-Encoding',
      /leave it out/,
    ],
    [
      'the header Host',
      { tools: [httpTool({ headers: { Host: 'internal.example' } })] },
      '/tools/0/headers/Host',
      /leave it out/,
    ],
    ['a NUL in its instructions', { instructions: 'a\0b' }, '/instructions', /NUL/],
    [
      'half a character in a schema',
      { output_schema: { const: 'x\ud800' } },
      '/output_schema/const',
      /surrogate/,
    ],
    ['two tools of one name', { tools: [httpTool(), httpTool()] }, '/tools/1/name', /look_up/],
    [
      'a secret that is not there',
      { tools: [httpTool({ url: 'https://x/{{ secrets.NOT_THERE }}' })] },
      '/tools/0/url',
      /PUT \/api\/secrets\/NOT_THERE/,
    ],
  ])('is refused with %s', async (_what, fields, pointer, detail) => {
    const { status, headers, body } = await server.call('POST', '/api/agents', {
      json: { ...MINIMAL, ...fields },
    })
    expect(status).toBe(422)
    expect(headers.get('content-type')).toMatch('application/problem+json')
    const matching = typeof detail === 'string' ? detail : expect.stringMatching(detail)
    expect(body).toMatchObject({ code: 'schema_invalid', errors: [{ pointer, detail: matching }] })
  })

  it('is told everything that is wrong at once', async () => {
    const { body } = await server.call('POST', '/api/agents', {
      json: { instructions: 1, x: 1, y: 2, model: 'a/b' },
    })
    expect(body).toMatchObject({ errors: expect.any(Array) })
    const { errors } = z.object({ errors: z.array(z.object({ pointer: z.string() })) }).parse(body)
    expect(errors.map((error) => error.pointer).toSorted()).toEqual(['/instructions', '/name', '/x', '/y'])
  })

  it('may not overflow the stack', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    for (const field of ['output_schema', 'tools', 'name', 'extra']) {
      const body = `{"name":"x","instructions":"","model":"demo/assistant","${field}":{"x":${deep}}}`
      expect((await server.call('POST', '/api/agents', { body })).status).toBe(400)
    }
    expect((await server.call('POST', '/api/agents', { body: deep })).status).toBe(400)
  })

  it('may have a schema as deep as people write them', async () => {
    await create({ output_schema: nested(100) })
  })

  it('may name a secret that exists', async () => {
    await server.secrets.put('TOKEN_1', 'value')
    await create({ tools: [httpTool({ headers: { Authorization: 'Bearer {{ secrets.TOKEN_1 }}' } })] })
  })
})

describe('an agent of an earlier version', () => {
  async function rewrite(id: string, change: string): Promise<void> {
    const statement = `update bellwire.agent_revisions set config = (config::jsonb ${change})::json where agent_id = $1`
    await server.database.db.pool.query(statement, [id])
  }

  it('has the defaults of fields that were not there yet', async () => {
    const { id } = await create()
    await rewrite(id, `- 'limits' - 'tools'`)
    const paths = [`/api/agents/${id}`, '/api/agents?limit=1', `/api/agents/${id}/revisions`]
    for (const path of paths) {
      const { status, text } = await server.call('GET', path)
      expect([path, status, text]).toEqual([path, 200, expect.stringContaining('"max_steps":20')])
    }
    const edited = await server.call('PATCH', `/api/agents/${id}`, { json: { name: 'Mended' } })
    expect(edited.body).toMatchObject({ revision: 2, tools: [], limits: { max_steps: 20 } })
  })

  it('that breaks the rules of today says what to mend when it is edited, and can be mended', async () => {
    const { id } = await create()
    await rewrite(id, `|| '{"message": 7}'`)
    const edited = await server.call('PATCH', `/api/agents/${id}`, { json: { name: 'Mended' } })
    expect(edited.status).toBe(422)
    expect(edited.body).toMatchObject({ errors: [{ pointer: '/message' }] })
    expect((await server.call('PATCH', `/api/agents/${id}`, { json: { message: null } })).status).toBe(200)
  })
})

describe('an edit', () => {
  it('merges top-level fields into a new revision', async () => {
    const { id } = await create({
      description: 'old',
      message: 'hi',
      limits: { max_steps: 3, max_concurrent_runs: 5 },
    })
    const answer = await server.call('PATCH', `/api/agents/${id}`, {
      json: { name: 'Renamed', message: null, limits: { max_steps: 4 } },
    })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ id, revision: 2, name: 'Renamed', description: 'old' })
    const agent = Agent.parse(answer.body)
    expect(agent.message).toBeUndefined()
    expect(agent.limits).toEqual(Limits.parse({ max_steps: 4 }))
    expect((await server.call('GET', `/api/agents/${id}`)).body).toEqual(answer.body)
  })

  it('that changes nothing makes no revision', async () => {
    const agent = await create({ tools: [httpTool()] })
    const same = await server.call('PATCH', `/api/agents/${agent.id}`, {
      json: { ...MINIMAL, tools: [httpTool()] },
    })
    expect(same.body).toEqual(agent)
    expect((await server.call('PATCH', `/api/agents/${agent.id}`, { json: {} })).body).toEqual(agent)
  })

  it('is checked like a new agent', async () => {
    const { id } = await create()
    const { status, body } = await server.call('PATCH', `/api/agents/${id}`, { json: { model: 'unknown/x' } })
    expect(status).toBe(422)
    expect(body).toMatchObject({ errors: [{ pointer: '/model' }] })
    expect((await server.call('PATCH', `/api/agents/${id}`, { json: { nam: 'x' } })).status).toBe(422)
    expect((await server.call('PATCH', `/api/agents/${id}`, { json: { name: null } })).status).toBe(422)
    expect((await server.call('GET', `/api/agents/${id}`)).body).toMatchObject({ revision: 1 })
  })

  it('is refused when limits on cost could not be kept, whichever half is edited', async () => {
    const { id } = await create()
    const costly = { limits: { max_cost_usd: 1 }, budget: { max_cost_usd_per_day: 10 } }
    const edit = (json: object) => server.call('PATCH', `/api/agents/${id}`, { json })
    expect((await edit({ model: 'local/unpriced' })).status).toBe(200)
    const refused = await edit(costly)
    expect(refused.status).toBe(422)
    expect(refused.body).toMatchObject({
      errors: [
        {
          pointer: '/limits/max_cost_usd',
          detail: expect.stringContaining('PUT /api/prices/local%2Funpriced'),
        },
        { pointer: '/budget/max_cost_usd_per_day' },
      ],
    })
    expect((await edit({ ...costly, model: 'demo/assistant' })).status).toBe(200)
    expect((await edit({ model: 'local/unpriced' })).status).toBe(422)
    expect((await edit({ model: 'local/unpriced', limits: {}, budget: null })).status).toBe(200)
    expect((await edit({ budget: { max_tokens_per_day: 5 } })).status).toBe(200)
  })

  it('is not held up by a secret that was deleted since', async () => {
    await server.secrets.put('SHORT_LIVED', 'value')
    const { id } = await create({ tools: [httpTool({ url: 'https://x/{{ secrets.SHORT_LIVED }}' })] })
    await server.secrets.delete('SHORT_LIVED')
    expect((await server.call('PATCH', `/api/agents/${id}`, { json: { name: 'New' } })).status).toBe(200)
  })

  it('is never lost when many are made at once', async () => {
    const { id } = await create()
    const edits = Array.from({ length: 12 }, (_, index) =>
      server.call('PATCH', `/api/agents/${id}`, {
        json: index % 2 === 0 ? { instructions: `Edit ${index}` } : { description: `Edit ${index}` },
      }),
    )
    const statuses = (await Promise.all(edits)).map((answer) => answer.status)
    expect(statuses).toEqual(statuses.map(() => 200))

    const { body } = await server.call('GET', `/api/agents/${id}/revisions`)
    const { data } = pageOf(Revision).parse(body)
    expect(data.map((row) => row.revision)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    const texts = new Set(data.flatMap(({ config }) => [config.instructions, config.description]))
    for (let index = 0; index < 12; index += 1) expect(texts).toContain(`Edit ${index}`)
    // Each edit built on the one before: in the end both fields hold an edit.
    expect(data[0]?.config).toMatchObject({
      instructions: expect.stringMatching(/^Edit/),
      description: expect.stringMatching(/^Edit/),
    })
  })
})

describe('revisions', () => {
  it('are listed newest first, in pages', async () => {
    const { id } = await create()
    for (const name of ['two', 'three']) await server.call('PATCH', `/api/agents/${id}`, { json: { name } })
    const first = await server.call('GET', `/api/agents/${id}/revisions?limit=2`)
    const page = pageOf(Revision).parse(first.body)
    expect(page.data.map(({ revision, config }) => [revision, config.name])).toEqual([
      [3, 'three'],
      [2, 'two'],
    ])
    const rest = await server.call('GET', `/api/agents/${id}/revisions?limit=2&cursor=${page.next_cursor}`)
    expect(rest.body).toMatchObject({ data: [{ agent_id: id, revision: 1 }], next_cursor: null })
  })

  it('say what each of them has changed', async () => {
    const { id } = await create()
    const changes = [
      { name: 'Other', limits: { max_steps: 3 } },
      { title: 'For {{ payload.name }}', budget: { max_tokens_per_day: 9 } },
      { title: null },
    ]
    for (const json of changes) await server.call('PATCH', `/api/agents/${id}`, { json })
    const { body } = await server.call('GET', `/api/agents/${id}/revisions?limit=3`)
    const { data } = pageOf(Revision).parse(body)
    // Also the last one of a page is compared with the one before it.
    expect(data.map(({ changed }) => changed?.toSorted())).toEqual([
      ['/title'],
      ['/budget', '/title'],
      ['/limits/max_steps', '/name'],
    ])
    const first = await server.call('GET', `/api/agents/${id}/revisions/1`)
    expect(first.body).toMatchObject({ agent_id: id, revision: 1, changed: null, config: MINIMAL })
    const second = await server.call('GET', `/api/agents/${id}/revisions/2`)
    expect(second.body).toEqual(data[2])
  })

  it.each([
    ['4', 404, 'revision_not_found'],
    ['0', 422, 'schema_invalid'],
    ['x', 422, 'schema_invalid'],
    ['9999999999', 422, 'schema_invalid'],
  ])('do not include %s', async (revision, status, code) => {
    const { id } = await create()
    const path = `/api/agents/${id}/revisions/${revision}`
    expect(await server.call('GET', path)).toMatchObject({ status, body: { code } })
    expect(await server.call('POST', `${path}/restore`)).toMatchObject({ status, body: { code } })
  })

  it('can be returned to, as a new revision', async () => {
    const { id } = await create({ description: 'First', limits: { max_steps: 3 } })
    await server.call('PATCH', `/api/agents/${id}`, { json: { description: null, limits: {}, name: 'Two' } })
    const restored = await server.call('POST', `/api/agents/${id}/revisions/1/restore`)
    expect(restored.status).toBe(200)
    expect(restored.headers.get('etag')).toBe('"3"')
    expect(Agent.parse(restored.body)).toMatchObject({ revision: 3, name: 'Support', description: 'First' })
    const { body } = await server.call('GET', `/api/agents/${id}/revisions`)
    const [third, , first] = pageOf(Revision).parse(body).data
    expect(third?.config).toEqual(first?.config)
    expect(third?.author).toMatchObject({ type: 'key' })
    expect((await server.call('GET', `/api/agents/${id}`)).body).toEqual(restored.body)
    // It is equal to what is live now: nothing is to be done.
    const again = await server.call('POST', `/api/agents/${id}/revisions/3/restore`)
    expect(again.body).toEqual(restored.body)
  })

  it('are not returned to by who does not know the present one, nor once they are invalid', async () => {
    const { id } = await create()
    await server.call('PATCH', `/api/agents/${id}`, { json: { name: 'Two' } })
    const path = `/api/agents/${id}/revisions/1/restore`
    const stale = await server.call('POST', path, { headers: { 'if-match': '"1"' } })
    expect(stale).toMatchObject({ status: 412, body: { code: 'precondition_failed' } })
    await server.database.db.pool.query(
      `update bellwire.agent_revisions set config = (config::jsonb || '{"model":"unknown/model"}')::json
        where agent_id = $1 and revision = 1`,
      [id],
    )
    const invalid = await server.call('POST', path, { headers: { 'if-match': '"2"' } })
    expect(invalid).toMatchObject({ status: 422, body: { errors: [{ pointer: '/model' }] } })
    expect((await server.call('GET', `/api/agents/${id}`)).body).toMatchObject({ revision: 2 })
  })
})

describe('the list', () => {
  it('shows each agent once, newest first, page by page', async () => {
    const made = []
    for (let index = 0; index < 5; index += 1) made.push((await create({ name: `Listed ${index}` })).id)
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await server.call('GET', `/api/agents?limit=2${cursor}`)
      const page = pageOf(Agent).parse(body)
      seen.push(...page.data.map((agent) => agent.id))
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`
    } while (cursor !== '')
    expect(new Set(seen).size).toBe(seen.length)
    expect(made.every((id) => seen.includes(id))).toBe(true)
    expect(seen).toEqual(seen.toSorted().toReversed())
  })

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=1&limit=2',
    'cursor=!!',
    'cursor=',
    'cursor=bm90LWFuLWlk',
    'page=2',
  ])('refuses ?%s', async (query) => {
    const { status, body } = await server.call('GET', `/api/agents?${query}`)
    expect(status).toBe(422)
    expect(body).toMatchObject({ errors: [{ pointer: `?${query.split('=')[0]}` }] })
  })
})

describe('a deleted agent', () => {
  it('is gone from everything but its tasks', async () => {
    const { id } = await create()
    const webhook = await server.webhooks.default(id)
    const answer = await server.call('DELETE', `/api/agents/${id}`)
    expect([answer.status, answer.text]).toEqual([204, ''])
    const requests = [
      server.call('GET', `/api/agents/${id}`),
      server.call('PATCH', `/api/agents/${id}`, { json: { name: 'x' } }),
      server.call('DELETE', `/api/agents/${id}`),
      server.call('GET', `/api/agents/${id}/revisions`),
      server.call('GET', `/api/agents/${id}/webhooks`),
      server.call('GET', `/api/agents/${id}/webhooks/${webhook.id}`),
      server.call('POST', `/api/agents/${id}/webhooks`),
      server.call('GET', `/api/agent_webhook?id=${id}`),
    ]
    for (const { status, body } of await Promise.all(requests)) {
      expect(status).toBe(404)
      expect(body).toMatchObject({ code: 'agent_not_found' })
    }
    const { body } = await server.call('GET', '/api/agents?limit=200')
    expect(
      pageOf(Agent)
        .parse(body)
        .data.map((agent) => agent.id),
    ).not.toContain(id)
  })
})

describe('an id that stands for nothing', () => {
  it.each([
    '00000000-0000-7000-8000-000000000000',
    'nonsense',
    "'; drop table agents",
    '%00',
    'x'.repeat(150),
  ])('is not found: %s', async (id) => {
    const answer = await server.call('GET', `/api/agents/${encodeURI(id).replace('%2500', '%00')}`)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toMatch('application/problem+json')
  })
})
