import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it('a schedule is created, listed, changed and deleted over HTTP', async () => {
  const { id: agentId } = await app.createAgent()
  const base = `/api/agents/${agentId}/schedules`
  const created = await app.call('POST', base, {
    name: 'Morning report',
    cron: '0 9 * * 1-5',
    time_zone: 'Europe/Berlin',
    payload: { id: 1, day: '{{ beat.date }}' },
  })
  expect(created.status).toBe(201)
  expect(created.body).toMatchObject({
    agent_id: agentId,
    name: 'Morning report',
    overlap: true,
    enabled: true,
    last_beat_at: null,
    last_task_id: null,
    last_task_state: null,
    last_skip: null,
  })
  expect(created.body.next_beats).toHaveLength(5)
  const one = `${base}/${created.body.id}`
  expect((await app.call('GET', one)).body).toEqual(created.body)
  expect((await app.call('GET', base)).body.data).toEqual([created.body])

  const all = await app.call('GET', '/api/schedules')
  expect(all.body.data).toEqual([{ ...created.body, agent_name: 'Test' }])

  const disabled = await app.call('PATCH', one, { enabled: false })
  expect(disabled.body.version).not.toBe(created.body.version)
  expect(disabled.headers.get('etag')).toBe(`"${disabled.body.version}"`)
  expect(disabled.body).toMatchObject({ enabled: false, next_beats: [], cron: '0 9 * * 1-5' })
  const other = await app.createAgent()
  expect((await app.call('GET', `/api/agents/${other.id}/schedules/${created.body.id}`)).body).toMatchObject({
    code: 'schedule_not_found',
  })
  expect((await app.call('DELETE', one)).status).toBe(204)
  expect((await app.call('DELETE', one)).status).toBe(404)
})

it('errors are reported at their field', async () => {
  const { id } = await app.createAgent()
  const { status, body } = await app.call('POST', `/api/agents/${id}/schedules`, {
    cron: '0 25 * * *',
    time_zone: 'UTC',
    payload: '{{ payload.x }}',
  })
  expect(status).toBe(422)
  expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/payload', '/cron'])
})

it('every beat runs the agent, and so does a manual trigger; a deleted agent has no schedules', async () => {
  const { id: agentId } = await app.createAgent()
  const base = `/api/agents/${agentId}/schedules`
  const { body: schedule } = await app.call('POST', base, {
    cron: '* * * * * *',
    payload: { question: 'It is {{ beat.time }}.' },
  })
  const tasks = async () => (await app.call('GET', `/api/tasks?agent_id=${agentId}`)).body.data
  await waitFor(
    async () => (await tasks()).filter(({ state }: { state: string }) => state === 'SUCCESS').length >= 2,
    {
      deadlineMs: 15_000,
      what: 'two beats',
    },
  )
  await app.call('PATCH', `${base}/${schedule.id}`, { enabled: false })
  const [newest] = await tasks()
  const { body: task } = await app.call('GET', `/api/tasks/${newest.id}`)
  expect(task).toMatchObject({
    origin: 'schedule',
    sender_verified: true,
    request: { schedule: { id: schedule.id, name: 'Schedule' } },
  })
  expect(task.payload.question).toBe(`It is ${task.request.schedule.beat}.`)
  const beats = new Set<string>()
  for (const { id } of await tasks()) {
    beats.add((await app.call('GET', `/api/tasks/${id}`)).body.request.schedule.beat)
  }
  expect(beats.size).toBe((await tasks()).length)

  const { body: byHand } = await app.call('POST', `${base}/${schedule.id}/trigger`)
  expect(byHand).toMatchObject({ success: true })
  await waitFor(async () => (await app.call('GET', `/api/tasks/${byHand.task_id}`)).body.state === 'SUCCESS')

  await app.call('DELETE', `/api/agents/${agentId}?tasks=cancel`)
  const { rows } = await app.database.db.pool.query('select 1 from bellwire.schedules where agent_id = $1', [
    agentId,
  ])
  expect(rows).toEqual([])
})
