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

it('removes what a notice quotes of a deleted task, also from the message that it became', async () => {
  const { db } = bench.test
  const agent = await seedAgent(db)
  const [deleted = '', kept = ''] = await bench.accept(agent, 2)
  await db.pool.query(`update bellwire.tasks set state = 'SUCCESS', finished_at = now()`)
  const ask = async (taskId: string, kind: string, title: string): Promise<void> => {
    await db.pool.query(
      `with message as (
          insert into bellwire.notice_messages (id, kind, title) values (gen_random_uuid(), $2, $3) returning id
        )
        insert into bellwire.notices (id, key, kind, title, task_id, message_id)
        select gen_random_uuid(), $2 || $3, $2, $3, $1, id from message`,
      [taskId, kind, title],
    )
  }
  await ask(deleted, 'approvals', 'Desk asks: Refund Ada?')
  await ask(deleted, 'failures', 'Desk has failed three times')
  await ask(kept, 'approvals', 'Desk asks: Refund Grace?')
  expect(await deleteTasks(db, [deleted])).toEqual([deleted])
  const { rows } = await db.pool.query<{ notice: string; message: string }>(
    `select n.title as notice, m.title as message
      from bellwire.notices n join bellwire.notice_messages m on m.id = n.message_id order by n.title`,
  )
  const titles = ['About a deleted task', 'Desk asks: Refund Grace?', 'Desk has failed three times']
  expect(rows).toEqual(titles.map((title) => ({ notice: title, message: title })))
})
