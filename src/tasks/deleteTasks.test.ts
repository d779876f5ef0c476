import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedAgent } from '../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../test/harness/taskBench.ts'
import { deleteTasks, OWNED_TABLES } from './deleteTasks.ts'

let bench: TaskBench

beforeAll(async () => {
  bench = await startTaskBench()
})
afterAll(() => bench.stop())

/** These rows outlive a task for some time, or are about requests that did not become tasks. */
const APART = ['dedupe_keys', 'own_objects', 'rejections', 'bursts', 'notices']

it('knows every table whose rows belong to a task', async () => {
  const { rows } = await bench.test.db.pool.query<{ name: string }>(
    `select table_name as name from information_schema.columns
      where table_schema = 'bellwire' and column_name = 'task_id'`,
  )
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...OWNED_TABLES, ...APART].toSorted())
})

it('deletes deliveries with their attempts, and leaves tasks that have not ended', async () => {
  const { db } = bench.test
  const agent = await seedAgent(db)
  const [ended = '', pending = ''] = await bench.accept(agent, 2)
  await db.pool.query(`update bellwire.tasks set state = 'SUCCESS', finished_at = now() where id = $1`, [
    ended,
  ])
  for (const id of [ended, pending]) {
    await db.pool.query(
      `with delivery as (
          insert into bellwire.deliveries (id, task_id, agent_id, webhook_id, event, task_event, content)
          values (gen_random_uuid(), $1, $2, gen_random_uuid(), 'task.succeeded', 2, 'full') returning id
        )
        insert into bellwire.delivery_attempts (delivery_id, attempt, started_at, duration_ms)
        select id, 1, now(), 5 from delivery`,
      [id, agent.agentId],
    )
  }
  expect(await deleteTasks(db, [ended, pending])).toEqual([ended])
  const { rows } = await db.pool.query(
    `select d.task_id from bellwire.delivery_attempts a left join bellwire.deliveries d on d.id = a.delivery_id`,
  )
  expect(rows).toEqual([{ task_id: pending }])
})
