import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AgentConfig } from '../src/contract/agent.ts'
import { startManagementServer, type ManagementServer } from './harness/managementServer.ts'

/** Enough to find likely faults, few enough to stay fast. */
const RUNS = { numRuns: 150 }

let server: ManagementServer
let agentId: string

beforeAll(async () => {
  server = await startManagementServer()
  const config = { name: 'Fuzzed', instructions: '', model: 'demo/assistant' }
  agentId = (await server.agents.create(AgentConfig.parse(config))).id
})
afterAll(() => server.stop())

/** Any text: NUL, lone surrogates, sequences that break out of SQL, JSON and paths. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\u0000',
    '\ud800',
    '__proto__',
    'constructor',
    "' or 1=1 --",
    '../../x',
    '%',
    '{{ payload }}',
    '1e999',
  ),
)
const json = fc.jsonValue({ stringUnit: 'binary' })

/** Bodies with valid names and any values, some valid and most not. */
const agentBody = fc.record(
  {
    name: fc.oneof(text, json),
    description: fc.oneof(text, json),
    instructions: fc.oneof(text, json),
    message: fc.oneof(text, json),
    model: fc.oneof(fc.constant('demo/assistant'), text, json),
    tools: fc.oneof(
      json,
      fc.array(
        fc.record({
          type: fc.constantFrom('http', 'builtin', 'other'),
          name: fc.oneof(fc.constant('tool'), text),
          description: text,
          url: text,
          access: fc.constantFrom('read', 'write', 'both'),
          headers: fc.dictionary(text, text),
          parameters: fc.oneof(json, fc.constant({ type: 'object' })),
        }),
        { maxLength: 3 },
      ),
    ),
    output_schema: fc.oneof(json, fc.dictionary(text, json)),
    limits: fc.oneof(json, fc.record({ max_steps: json, timeout_seconds: fc.double() })),
    extra: json,
  },
  { requiredKeys: [] },
)

async function expectSound(method: string, path: string, options: { json?: unknown } = {}): Promise<void> {
  const { status, headers, body } = await server.call(method, path, options)
  expect(status).toBeLessThan(500)
  if (status >= 400) {
    expect(headers.get('content-type')).toMatch('application/problem+json')
    expect(body).toMatchObject({ success: false, status })
  }
}

describe('whatever is sent', () => {
  it('as a new agent, or as an edit, is accepted or refused, and never a server error', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(agentBody, json), async (body) => {
        await expectSound('POST', '/api/agents', { json: body })
        await expectSound('PATCH', `/api/agents/${agentId}`, { json: body })
      }),
      RUNS,
    ))

  it('as a webhook, a rotation, a key or a secret is too', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom<[string, string]>(
          ['POST', `/api/agents/${agentId}/webhooks`],
          ['POST', '/api/api_keys'],
          ['PUT', '/api/secrets/NAME'],
        ),
        fc.oneof(
          json,
          fc.record(
            { name: fc.oneof(text, json), scope: fc.constantFrom('admin', 'agent', 'x'), agent_id: text },
            { requiredKeys: [] },
          ),
          fc.record({ value: fc.oneof(text, json) }),
        ),
        ([method, path], body) => expectSound(method, path, { json: body }),
      ),
      RUNS,
    ))

  it('as an id, a name, a query or a path is too', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom<(part: string) => [string, string]>(
          (part) => ['GET', `/api/agents/${part}`],
          (part) => ['DELETE', `/api/agents/${part}`],
          (part) => ['GET', `/api/agents/${agentId}/webhooks/${part}`],
          (part) => ['DELETE', `/api/secrets/${part}`],
          (part) => ['DELETE', `/api/api_keys/${part}`],
          (part) => ['GET', `/api/agent_webhook?id=${part}`],
          (part) => ['GET', `/api/agents?cursor=${part}`],
          (part) => ['GET', `/api/agents/${agentId}/revisions?cursor=${part}&limit=${part}`],
          (part) => ['GET', `/api/agents/${agentId}/revisions/${part}`],
          (part) => ['POST', `/api/agents/${part}/revisions/1/restore`],
          (part) => ['GET', `/api/agents/${part}/revision_runs`],
          (part) => ['GET', `/${part}`],
        ),
        text.filter((part) => part.isWellFormed()),
        async (address, part) => {
          const [method, path] = address(encodeURIComponent(part))
          // These two are directory names, and are removed before the request is sent.
          if (part !== '.' && part !== '..') await expectSound(method, path)
        },
      ),
      RUNS,
    ))
})
