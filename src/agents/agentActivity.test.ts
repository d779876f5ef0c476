import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../test/harness/api.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
})
afterAll(() => app.stop())

it('stands beside each agent in the list', async () => {
  const quiet = await app.call('POST', '/api/agents', {
    name: 'Quiet',
    instructions: '',
    model: 'demo/assistant',
  })
  const busy = await app.createAgent({ name: 'Busy' })
  await app.call('POST', `/api/agents/${busy.id}/webhooks`, { name: 'Off', enabled: false })
  await app.call('POST', busy.url, { n: 1 })
  const { body: newest } = await app.call('POST', busy.url, { n: 2 })

  const { body } = await app.call('GET', '/api/agents')
  const item = (id: string) => body.data.find((agent: { id: string }) => agent.id === id)
  expect(item(quiet.body.id)).toMatchObject({ webhooks: { enabled: 0, disabled: 0 }, last_task: null })
  expect(item(busy.id)).toMatchObject({
    name: 'Busy',
    webhooks: { enabled: 1, disabled: 1 },
    last_task: { id: newest.task_id, state: 'PENDING', created_at: expect.any(String) as string },
  })
})
