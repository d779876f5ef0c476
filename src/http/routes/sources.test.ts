import { afterAll, beforeAll, expect, it } from 'vitest'
import { startManagementServer, type ManagementServer } from '../../../test/harness/managementServer.ts'
import { SourceList } from '../../contract/source.ts'
import { SOURCE_NAMES } from '../../ingress/sources/index.ts'

let server: ManagementServer

beforeAll(async () => {
  server = await startManagementServer()
})
afterAll(() => server.stop())

it('the sources are listed with what to fill in and what to do', async () => {
  const { status, body } = await server.call('GET', '/api/sources')
  expect(status).toBe(200)
  const { data } = SourceList.parse(body)
  expect(data.map(({ name }) => name)).toEqual(SOURCE_NAMES)
  const github = data.find(({ name }) => name === 'github')
  expect(github).toMatchObject({
    title: 'GitHub',
    verification: expect.stringContaining('X-Hub-Signature-256'),
    fields: [{ name: 'secrets', label: 'Secret', required: true }],
    batch: null,
  })
  expect(github?.setup.join(' ')).toContain('{url}')
})
