import { afterAll, beforeAll, expect, it } from 'vitest'
import { startManagementServer, type ManagementServer } from '../../../test/harness/managementServer.ts'

let server: ManagementServer

beforeAll(async () => {
  server = await startManagementServer()
})
afterAll(() => server.stop())

const ID = '01a20830-6811-70a5-afad-8dddd7a01c6c'

it.each([
  ['GET', '/api/agents?limit=x', '?limit', 'The parameter "limit" must be a whole number from 1 to 200.'],
  ['GET', '/api/agents?limit=1.5', '?limit', 'The parameter "limit" must be a whole number from 1 to 200.'],
  ['GET', '/api/agents?limit=0', '?limit', 'The parameter "limit" must be a whole number from 1 to 200.'],
  ['GET', '/api/agents?limit=201', '?limit', 'The parameter "limit" must be a whole number from 1 to 200.'],
  ['GET', '/api/agents?limt=1', '?limt', 'The parameter "limt" is not known; did you mean "limit"?'],
  [
    'DELETE',
    `/api/agents/${ID}?tasks=bogus`,
    '?tasks',
    'The parameter "tasks" must be "cancel" or "finish".',
  ],
])('%s %s says which parameter is wrong and what it takes', async (method, path, pointer, detail) => {
  const { status, body } = await server.call(method, path)
  expect(status).toBe(422)
  expect(body).toMatchObject({ code: 'schema_invalid', detail, errors: [{ pointer }] })
})
