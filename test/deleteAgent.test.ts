import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
})
afterAll(() => app?.stop())

/** An agent with tasks that no worker runs yet. */
async function agentWithTasks(count: number) {
  const agent = await app.createAgent()
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) {
    ids.push((await app.call('POST', agent.url, { question: `${index}?` })).body.task_id)
  }
  const remove = (query = '') => app.call('DELETE', `/api/agents/${agent.id}${query}`)
  const states = async () => {
    const { rows } = await app.database.db.pool.query<{ state: string }>(
      'select state from bellwire.tasks where id = any($1) order by id',
      [ids],
    )
    return rows.map(({ state }) => state)
  }
  return { ...agent, ids, remove, states }
}

it('an agent without tasks is deleted', async () => {
  const agent = await agentWithTasks(0)
  expect((await agent.remove()).status).toBe(204)
  expect((await app.call('POST', agent.url, {})).status).toBe(404)
})

it('an agent with unfinished tasks is not deleted by accident', async () => {
  const agent = await agentWithTasks(3)
  await app.database.db.pool.query(`update bellwire.tasks set state = 'WAITING' where id = $1`, [
    agent.ids[0],
  ])
  const refused = await agent.remove()
  expect(refused.status).toBe(409)
  expect(refused.body).toMatchObject({
    code: 'agent_in_use',
    tasks: { pending: 2, started: 0, waiting: 1 },
    detail:
      'The agent has tasks that have not ended: 2 pending, 1 waiting. ' +
      'Add ?tasks=cancel to cancel them, or ?tasks=finish to let them run.',
  })
  expect((await app.call('GET', `/api/agents/${agent.id}`)).status).toBe(200)
  expect((await agent.remove('?tasks=drop')).body).toMatchObject({
    code: 'schema_invalid',
    errors: [{ pointer: '?tasks' }],
  })
})

it('?tasks=cancel cancels them', async () => {
  const agent = await agentWithTasks(5)
  const other = await agentWithTasks(1)
  expect((await agent.remove('?tasks=cancel')).status).toBe(204)
  expect(await agent.states()).toEqual(agent.ids.map(() => 'CANCELLED'))
  expect(await other.states()).toEqual(['PENDING'])
  expect((await app.call('GET', `/api/agents/${agent.id}`)).status).toBe(404)
  expect((await app.call('GET', `/api/tasks/${agent.ids[0]}`)).body).toMatchObject({ state: 'CANCELLED' })
  const { rows } = await app.database.db.pool.query(
    'select delete_mode from bellwire.agents where id = $1 and deleted_at is not null',
    [agent.id],
  )
  expect(rows).toEqual([{ delete_mode: 'cancel' }])
})

it('?tasks=finish lets them run', async () => {
  const agent = await agentWithTasks(3)
  expect((await agent.remove('?tasks=finish')).status).toBe(204)
  expect((await app.call('POST', agent.url, {})).status).toBe(404)
  await app.startWorker()
  await waitFor(async () => (await agent.states()).every((state) => state === 'SUCCESS'))
})

it('?tasks=finish lets held tasks run, too', async () => {
  const agent = await agentWithTasks(0)
  const created = await app.call('POST', `/api/agents/${agent.id}/webhooks`, { name: 'Held', hold: true })
  const taskId: string = (await app.call('POST', created.body.url, { question: 'Held?' })).body.task_id
  expect((await agent.remove('?tasks=finish')).status).toBe(204)
  await app.startWorker()
  const status = await app.call('GET', `/api/task_status?task_id=${taskId}&wait=30`)
  expect(status.body.status).toBe('SUCCESS')
})
