import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { seedAgent } from '../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../test/harness/taskBench.ts'
import { ScheduleSettings } from '../contract/schedule.ts'
import { createFairRanks } from '../queue/fairRank.ts'
import { ringNow, ringSchedules } from './ringSchedules.ts'
import { createSchedules, type Schedule, type Schedules } from './schedules.ts'

let bench: TaskBench
let schedules: Schedules
let agentId: string

beforeAll(async () => {
  bench = await startTaskBench()
  schedules = createSchedules({ db: bench.test.db })
})
afterAll(() => bench.stop())
beforeEach(async () => {
  for (const table of ['tasks', 'queue', 'schedules']) {
    await bench.test.db.pool.query(`delete from bellwire.${table}`)
  }
  ;({ agentId } = await seedAgent(bench.test.db))
})

/** A schedule whose next beat is at a given time. */
async function schedule(
  settings: Partial<ScheduleSettings> & { cron: string },
  nextAt: string,
): Promise<Schedule> {
  const made = await schedules.create(agentId, ScheduleSettings.parse(settings))
  await bench.test.db.pool.query('update bellwire.schedules set next_at = $2 where id = $1', [
    made.id,
    nextAt,
  ])
  return made
}

function ring(at: string): Promise<number> {
  const { test, signals } = bench
  const parts = { db: test.db, signals, ranks: createFairRanks(), log: pino({ enabled: false }) }
  return ringSchedules(parts, new Date(at))
}

async function tasks(): Promise<
  { id: string; payload: unknown; request: { schedule?: { beat: string } } }[]
> {
  const { rows } = await bench.test.db.pool.query<{ id: string; payload: Buffer; request: object }>(
    'select t.id, t.payload, t.request from bellwire.tasks t join bellwire.queue q on q.task_id = t.id order by t.id',
  )
  return rows.map(({ id, payload, request }) => ({ id, payload: JSON.parse(payload.toString()), request }))
}

const read = ({ id }: Schedule): Promise<Schedule> => schedules.get(agentId, id)

it('starts its agent once for each beat, with the rendered payload', async () => {
  const made = await schedule(
    {
      name: 'Report',
      cron: '0 9 * * *',
      time_zone: 'Europe/Berlin',
      payload: {
        day: '{{ beat.date }}',
        at: ['{{ beat.local }}', '{{ beat.time }}', '{{ schedule.name }}'],
        n: 1,
      },
    },
    '2026-06-05T07:00:00Z',
  )
  expect(await ring('2026-06-05T06:59:59Z')).toBe(0)
  expect(await ring('2026-06-05T07:00:00.400Z')).toBe(1)
  expect(await ring('2026-06-05T07:00:01Z')).toBe(0)
  const [task, ...others] = await tasks()
  expect(others).toEqual([])
  expect(task).toMatchObject({
    payload: {
      day: '2026-06-05',
      at: ['2026-06-05T09:00:00+02:00', '2026-06-05T07:00:00.000Z', 'Report'],
      n: 1,
    },
    request: { schedule: { id: made.id, name: 'Report', beat: '2026-06-05T07:00:00.000Z' } },
  })
  expect(await read(made)).toMatchObject({
    nextAt: new Date('2026-06-06T07:00:00Z'),
    lastBeatAt: new Date('2026-06-05T07:00:00Z'),
    lastTaskId: task?.id,
    lastSkip: null,
  })
})

it('runs the latest of the beats that were missed, and no other', async () => {
  const made = await schedule({ cron: '*/10 * * * * *' }, '2026-06-05T07:00:00Z')
  expect(await ring('2026-06-08T12:00:07Z')).toBe(1)
  expect((await tasks()).map(({ request }) => request.schedule?.beat)).toEqual(['2026-06-08T12:00:00.000Z'])
  expect((await read(made)).nextAt).toEqual(new Date('2026-06-08T12:00:10Z'))
})

it('starts each beat once when several processes ring at the same time', async () => {
  for (let count = 0; count < 20; count += 1) await schedule({ cron: '0 9 * * *' }, '2026-06-05T09:00:00Z')
  const rung = await Promise.all(Array.from({ length: 8 }, () => ring('2026-06-05T09:00:01Z')))
  expect(rung.reduce((sum, count) => sum + count, 0)).toBe(20)
  expect(await tasks()).toHaveLength(20)
})

it('skips a beat while an earlier task has not ended, unless they may overlap', async () => {
  const apart = await schedule({ cron: '* * * * *', overlap: false }, '2026-06-05T09:00:00Z')
  const together = await schedule({ cron: '* * * * *' }, '2026-06-05T09:00:00Z')
  await ring('2026-06-05T09:00:00Z')
  await ring('2026-06-05T09:01:00Z')
  const of = (list: Awaited<ReturnType<typeof tasks>>, { id }: Schedule) =>
    list.filter(({ request }) => JSON.stringify(request).includes(id)).length
  expect([of(await tasks(), apart), of(await tasks(), together)]).toEqual([1, 2])
  expect(await read(apart)).toMatchObject({
    lastBeatAt: new Date('2026-06-05T09:01:00Z'),
    lastSkip: { at: '2026-06-05T09:01:00.000Z', reason: expect.stringContaining('has not ended') },
  })

  await bench.test.db.pool.query(`update bellwire.tasks set state = 'SUCCESS'`)
  await ring('2026-06-05T09:02:00Z')
  expect(of(await tasks(), apart)).toBe(2)
})

it('does not beat while it is disabled, and counts from now when it is enabled again', async () => {
  const made = await schedule({ cron: '* * * * *' }, '2026-06-05T09:00:00Z')
  await schedules.update(agentId, made.id, { enabled: false })
  expect(await ring('2027-01-01T00:00:00Z')).toBe(0)
  const enabled = await schedules.update(agentId, made.id, { enabled: true })
  expect(enabled.nextAt?.getTime()).toBeGreaterThan(Date.now() - 1_000)
  expect(enabled.nextAt?.getTime()).toBeLessThan(Date.now() + 61_000)
})

it('keeps its next beat when only other things are changed, and gets a new one with another time zone', async () => {
  const made = await schedule({ cron: '0 9 * * *' }, '2026-06-05T09:00:00Z')
  const renamed = await schedules.update(agentId, made.id, { name: 'Other', payload: [1] })
  expect(renamed).toMatchObject({ name: 'Other', payload: [1], nextAt: new Date('2026-06-05T09:00:00Z') })
  const moved = await schedules.update(agentId, made.id, { time_zone: 'Asia/Tokyo' })
  expect(moved.nextAt?.toISOString()).toMatch(/T00:00:00/)
})

it('says why a beat started no task when its payload cannot be rendered', async () => {
  const endless = '{% for i in (1..1000000000) %}{{ beat.time }}{% endfor %}'
  const made = await schedule({ cron: '0 9 * * *', payload: [endless] }, '2026-06-05T09:00:00Z')
  await ring('2026-06-05T09:00:00Z')
  expect(await tasks()).toEqual([])
  expect(await read(made)).toMatchObject({
    nextAt: new Date('2026-06-06T09:00:00Z'),
    lastSkip: { at: '2026-06-05T09:00:00.000Z', reason: expect.stringContaining('could not be rendered') },
  })
})

it('is started by hand, beside its beats', async () => {
  const made = await schedule({ cron: '0 9 * * *', enabled: false }, '2026-06-05T09:00:00Z')
  const { test, signals } = bench
  const taskId = await ringNow({ db: test.db, signals, ranks: createFairRanks() }, { agentId, id: made.id })
  expect((await tasks()).map(({ id }) => id)).toEqual([taskId])
  expect(await read(made)).toMatchObject({ lastTaskId: taskId, lastBeatAt: null })
})

it('refuses settings that cannot work, all of them at once', async () => {
  const bad = ScheduleSettings.parse({ cron: '61 * * * *', payload: ['{{ payload.x }}', '{{ beat.time'] })
  await expect(schedules.create(agentId, bad)).rejects.toMatchObject({
    code: 'schema_invalid',
    options: {
      errors: [
        { pointer: '/payload/0', detail: expect.stringContaining('no variable payload') },
        { pointer: '/payload/1', detail: expect.any(String) },
        { pointer: '/cron', detail: expect.stringContaining('not a cron expression') },
      ],
    },
  })
})
