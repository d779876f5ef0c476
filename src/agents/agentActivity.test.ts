import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '../db/id.ts'
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

it('counts the tasks of the last day', async () => {
  const agent = await app.createAgent({ name: 'Counted' })
  const insert = (state: string, hoursAgo: number, origin = 'webhook') =>
    app.database.db.pool.query(
      `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, created_at)
        values ($1, $2, 1, $3, $4, '{}', '{}', now() - make_interval(secs => $5::float8 * 3600))`,
      [newId(Date.now() - hoursAgo * 3_600_000), agent.id, origin, state, hoursAgo],
    )
  for (const state of ['SUCCESS', 'SUCCESS', 'FAILURE', 'CANCELLED', 'PENDING']) await insert(state, 23)
  await insert('FAILURE', 24.5)
  await insert('FAILURE', 48)
  await insert('FAILURE', 1, 'rehearsal')
  const { body } = await app.call('GET', '/api/agents')
  expect(body.data.find(({ id }: { id: string }) => id === agent.id).last_day).toEqual({
    tasks: 5,
    succeeded: 2,
    failed: 1,
    is_complete: true,
  })
})

it('counts tasks by revision', async () => {
  const agent = await app.createAgent({ name: 'Revised' })
  const insert = (revision: number, state: string, cost: string | null, origin = 'webhook') =>
    app.database.db.pool.query(
      `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, usage)
        values ($1, $2, $3, $4, $5, '{}', '{}', $6)`,
      [newId(), agent.id, revision, origin, state, JSON.stringify({ model_calls: 1, cost_usd: cost })],
    )
  await insert(1, 'SUCCESS', '0.100000001')
  await insert(1, 'FAILURE', '0.2')
  await insert(1, 'FAILURE', '5', 'rehearsal')
  await insert(3, 'PENDING', null)
  const { body } = await app.call('GET', `/api/agents/${agent.id}/revision_runs`)
  expect(body).toEqual({
    counted: 4,
    is_complete: true,
    revisions: [
      { revision: 3, tasks: 1, succeeded: 0, failed: 0, cost_usd: null, last_task_at: expect.any(String) },
      {
        revision: 1,
        tasks: 2,
        succeeded: 1,
        failed: 1,
        cost_usd: '0.300000001',
        last_task_at: expect.any(String),
      },
    ],
  })
  const unknown = await app.call('GET', `/api/agents/${newId()}/revision_runs`)
  expect(unknown.body).toMatchObject({ code: 'agent_not_found' })
})
