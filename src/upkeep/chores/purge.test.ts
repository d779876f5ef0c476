import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { seedAgent } from '../../../test/harness/seed.ts'
import { newId } from '../../db/id.ts'
import { deleteTask } from '../../tasks/deleteTasks.ts'
import { readTask } from '../../tasks/views/queries.ts'
import type { Chore } from '../chore.ts'
import { purgeSteps } from './purgeSteps.ts'
import { purgeTasks } from './purgeTasks.ts'

let test: TestDatabase
let agentId: string

beforeEach(async () => {
  test = await createTestDatabase()
  agentId = (await seedAgent(test.db)).agentId
})
afterEach(() => test.drop())

const DAY_MS = 86_400_000

/** A task with a step and a transition. */
async function make({
  accepted,
  ended,
  agent = agentId,
}: {
  accepted: number
  ended?: number
  agent?: string
}) {
  const at = (ago: number): Date => new Date(Date.now() - ago * DAY_MS)
  const id = newId(at(accepted).getTime())
  await test.db.pool.query(
    `with task as (
        insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, created_at, finished_at)
        values ($1, $2, 1, 'webhook', $3, '{}', '{"method":"POST","headers":{},"query":{}}', $4, $5)
      ), step as (
        insert into bellwire.steps (task_id, event, key, kind, name, step, state, attempt, input, output, started_at)
        values ($1, 2, 'tool/0', 'tool', 'look', 0, 'done', 1, '{"a":1}', '{"b":2}', $4)
      )
      insert into bellwire.transitions (task_id, event, state, reason, attempt) values ($1, 3, 'FAILURE', 'failed', 1)`,
    [
      id,
      agent,
      ended === undefined ? 'WAITING' : 'FAILURE',
      at(accepted),
      ended === undefined ? null : at(ended),
    ],
  )
  return id
}

async function runToEnd(chore: Chore): Promise<number[]> {
  const batches: number[] = []
  for (;;) {
    const { items, more } = await chore.run(new AbortController().signal)
    batches.push(items)
    if (!more) return batches
  }
}

async function idsOf(table: string, column = 'id'): Promise<string[]> {
  const { rows } = await test.db.pool.query<{ id: string }>(
    `select ${column} as id from bellwire.${table} order by ${column}`,
  )
  return rows.map(({ id }) => id)
}

async function purgedIds(): Promise<string[]> {
  const { rows } = await test.db.pool.query<{ task_id: string }>(
    'select task_id from bellwire.steps where purged_at is not null and input is null and output is null order by 1',
  )
  return rows.map((row) => row.task_id)
}

async function replay(id: string, { replayOf, continues }: { replayOf: string; continues: string }) {
  await test.db.pool.query(
    `insert into bellwire.replays (task_id, replay_of, writes, continues) values ($1, $2, 'continue', $3)`,
    [id, replayOf, continues],
  )
}

describe('the purge of tasks', () => {
  it('deletes tasks that ended long ago with their rows, oldest first, in batches', async () => {
    const old = []
    for (let day = 110; day > 100; day -= 1) old.push(await make({ accepted: day, ended: day - 1 }))
    const kept = [
      await make({ accepted: 200, ended: 80 }),
      await make({ accepted: 150 }),
      await make({ accepted: 91, ended: 89.9 }),
      await make({ accepted: 1, ended: 0 }),
    ]
    expect(await runToEnd(purgeTasks(test.db, { days: 90, batch: 4 }))).toEqual([2, 4, 4, 0])
    expect(await idsOf('tasks')).toEqual(kept)
    expect(await idsOf('steps', 'task_id')).toEqual(kept)
    expect(await idsOf('transitions', 'task_id')).toEqual(kept)
  })

  it('keeps the tasks of an agent for as long as the agent says', async () => {
    const long = (await seedAgent(test.db, { keep_days: 400 })).agentId
    const short = (await seedAgent(test.db, { keep_days: 2 })).agentId
    const kept = [
      await make({ accepted: 300, ended: 300, agent: long }),
      await make({ accepted: 50, ended: 50 }),
      await make({ accepted: 1, ended: 1, agent: short }),
    ]
    await make({ accepted: 500, ended: 500, agent: long })
    await make({ accepted: 3, ended: 3, agent: short })
    await make({ accepted: 100, ended: 100 })
    const chore = purgeTasks(test.db, { days: 90, batch: 1 })
    expect((await runToEnd(chore)).reduce((sum, items) => sum + items)).toBe(3)
    expect(await idsOf('tasks')).toEqual(kept)
    expect(await runToEnd(purgeTasks(test.db, { days: Infinity }))).toEqual([0])
    expect(await idsOf('tasks')).toEqual(kept)
  })

  it('keeps what an unfinished replay reads from, until that has ended', async () => {
    const origin = await make({ accepted: 120, ended: 120 })
    const first = await make({ accepted: 119, ended: 119 })
    await replay(first, { replayOf: origin, continues: origin })
    const second = await make({ accepted: 118 })
    await replay(second, { replayOf: origin, continues: origin })
    const rehearsed = await make({ accepted: 117, ended: 117 })
    const rehearsing = await make({ accepted: 116 })
    const [rehearsal, empty] = [newId(), newId()]
    await test.db.pool.query(
      `insert into bellwire.rehearsals (id, agent_id, revision, created_at)
        select id, $1, 1, now() - interval '2 hours' from unnest($2::uuid[]) i(id)`,
      [agentId, [rehearsal, empty]],
    )
    await test.db.pool.query(
      'insert into bellwire.rehearsed_tasks (task_id, rehearsal_id, rehearses) values ($1, $2, $3)',
      [rehearsing, rehearsal, rehearsed],
    )
    await make({ accepted: 115, ended: 115 })
    expect(await runToEnd(purgeTasks(test.db, { days: 90, batch: 3 }))).toEqual([1, 0])
    expect(await idsOf('tasks')).toEqual([origin, first, second, rehearsed, rehearsing])
    expect(await idsOf('rehearsals')).toEqual([rehearsal])
    await runToEnd(purgeSteps(test.db, { days: 30 }))
    expect(await purgedIds()).toEqual([])
    await expect(deleteTask(test.db, origin)).rejects.toMatchObject({
      code: 'conflict',
      options: { extensions: { task_id: second } },
    })

    await test.db.pool.query(
      `update bellwire.tasks set state = 'SUCCESS', finished_at = now() where id = any($1::uuid[])`,
      [[second, rehearsing]],
    )
    await runToEnd(purgeSteps(test.db, { days: 30 }))
    expect(await purgedIds()).toEqual([origin, first, rehearsed])
    await runToEnd(purgeTasks(test.db, { days: 90 }))
    expect(await idsOf('tasks')).toEqual([second, rehearsing])
  })

  it('stops between two batches', async () => {
    for (let count = 0; count < 3; count += 1) await make({ accepted: 100, ended: 100 })
    const stopped = AbortSignal.abort()
    const chore = purgeTasks(test.db, { days: 90, batch: 1 })
    expect((await chore.run(new AbortController().signal)).items).toBe(1)
    expect(await chore.run(stopped)).toEqual({ items: 0, more: false })
    expect((await idsOf('tasks')).length).toBe(2)
  })
})

describe('the purge of steps', () => {
  it('deletes their contents once, and shows that it did', async () => {
    const old = []
    for (let day = 40; day > 33; day -= 1) old.push(await make({ accepted: day, ended: day }))
    await make({ accepted: 29, ended: 29 })
    expect(await runToEnd(purgeSteps(test.db, { days: 30, batch: 3 }))).toEqual([3, 3, 1])
    expect(await purgedIds()).toEqual(old)
    expect(await runToEnd(purgeSteps(test.db, { days: 30, batch: 3 }))).toEqual([0])
    const { steps, partial } = await readTask(test.db, old[0] ?? '')
    expect(steps).toMatchObject([{ key: 'tool/0', name: 'look', state: 'done', input: null, output: null }])
    expect(steps[0]?.purgedAt).toBeInstanceOf(Date)
    expect(partial).toBe(null)
  })

  it('comes back to tasks that ended later', async () => {
    const late = await make({ accepted: 60 })
    const old = await make({ accepted: 50, ended: 50 })
    const gone = await make({ accepted: 45 })
    await runToEnd(purgeSteps(test.db, { days: 30 }))
    expect(await purgedIds()).toEqual([old])
    await test.db.pool.query('delete from bellwire.tasks where id = $1', [gone])
    await test.db.pool.query(
      `update bellwire.tasks set state = 'FAILURE', finished_at = now() - interval '31 days' where id = $1`,
      [late],
    )
    await runToEnd(purgeSteps(test.db, { days: 30 }))
    expect(await purgedIds()).toEqual([late, old].toSorted())
    const { rows } = await test.db.pool.query<{ value: string }>(
      `select value from bellwire.settings where name = 'steps_purged'`,
    )
    expect(JSON.parse(rows[0]?.value ?? '').later).toEqual([])
  })
})
