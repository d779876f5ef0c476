import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startManagementServer, type ManagementServer } from '../../../test/harness/managementServer.ts'

let server: ManagementServer

beforeAll(async () => {
  server = await startManagementServer()
})
afterAll(() => server.stop())

describe.each(['/healthz', '/readyz'])('%s', (path) => {
  it('answers without a key, by GET and by HEAD', async () => {
    const answer = await server.call('GET', path, { key: null })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ status: 'ok' })
    const head = await server.call('HEAD', path, { key: null })
    expect([head.status, head.text]).toEqual([200, ''])
  })
})

it('is not ready with a database of another version, but alive', async () => {
  const { pool } = server.database.db
  await pool.query(`insert into bellwire.migrations (name, hash) values ('9999_future', 'x')`)
  try {
    const ready = await server.call('GET', '/readyz', { key: null })
    expect(ready.status).toBe(503)
    expect(ready.headers.get('retry-after')).toBe('5')
    expect(ready.body).toMatchObject({ code: 'database_unavailable', success: false })
    expect((await server.call('GET', '/healthz', { key: null })).status).toBe(200)
  } finally {
    await pool.query(`delete from bellwire.migrations where name = '9999_future'`)
  }
})

it('does not fill the log', async () => {
  await server.call('GET', '/healthz', { key: null })
  const lines = server
    .logged()
    .split('\n')
    .filter((line) => line.includes('/healthz'))
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: 20 })
})
