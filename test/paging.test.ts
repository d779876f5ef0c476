import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'

let app: TestApp
let agent: { id: string; url: string }

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  agent = await app.createAgent()
})
afterAll(() => app?.stop())

it('tasks are paged with the same kind of cursor as every other list', async () => {
  const ids: string[] = []
  for (let count = 0; count < 5; count += 1) {
    ids.push((await app.call('POST', agent.url, { count })).body.task_id)
  }
  const seen: string[] = []
  let cursor = ''
  do {
    const { status, body } = await app.call('GET', `/api/tasks?agent_id=${agent.id}&limit=2${cursor}`)
    expect([status, body.data.length <= 2]).toEqual([200, true])
    seen.push(...body.data.map(({ id }: { id: string }) => id))
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
  } while (cursor !== '')
  expect(seen).toEqual(ids.toReversed())
})

it.each(['/api/tasks', '/api/approvals', '/api/agents', '/api/api_keys', '/api/secrets'])(
  '%s refuses a cursor that is not one of its own',
  async (path) => {
    for (const cursor of ['', 'x', agent.id, Buffer.from('not an id').toString('base64url')]) {
      const { status, body } = await app.call('GET', `${path}?cursor=${cursor}`)
      expect([cursor, status, body.errors?.[0]?.pointer]).toEqual([cursor, 422, '?cursor'])
    }
  },
)
