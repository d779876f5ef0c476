import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp(
    { BELLWIRE_KEEP_TASKS_DAYS: 'forever', BELLWIRE_REJECTION_DAYS: '7' },
    { worker: false },
  )
})
afterAll(() => app.stop())

it('says how long what is kept, which variable sets it, and how much there is', async () => {
  const agent = await app.createAgent()
  await app.call('POST', agent.url, { question: 'One?' })
  await app.call('POST', agent.url, { question: 'Two?' })
  const { body } = await app.call('GET', '/api/retention')
  const items = new Map(body.data.map((item: { what: string }) => [item.what, item]))
  expect(items.get('tasks')).toMatchObject({
    days: null,
    setting: 'BELLWIRE_KEEP_TASKS_DAYS',
    default: '90',
    is_default: false,
    stored: { rows: 2, oldest_at: expect.stringMatching(/^20/) },
  })
  expect(items.get('steps')).toMatchObject({
    days: 30,
    is_default: true,
    stored: { rows: 0, oldest_at: null },
  })
  expect(items.get('rejections')).toMatchObject({
    days: 7,
    setting: 'BELLWIRE_REJECTION_DAYS',
    is_default: false,
  })
  expect(items.get('notices')).toMatchObject({ days: 180, setting: null })
  for (const { stored } of body.data) expect(stored.bytes).toBeGreaterThan(0)
})
