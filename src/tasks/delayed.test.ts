import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedAgent } from '../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../test/harness/taskBench.ts'
import { readTask } from './views/queries.ts'
import { sweep } from './recover.ts'

let bench: TaskBench
const LATER = { startAt: { inSeconds: 3600 } }

beforeAll(async () => {
  bench = await startTaskBench()
})
afterAll(() => bench?.stop())

const rowsOf = async (ids: string[]) =>
  (
    await bench.test.db.pool.query<{ why: string; due_at: Date; rank: string | null }>(
      'select why, due_at, rank from bellwire.queue where task_id = any($1)',
      [ids],
    )
  ).rows

/** Lets the time of all delayed tasks come. */
async function letTimeCome(): Promise<void> {
  await bench.test.db.pool.query(`update bellwire.queue set due_at = now() where why = 'delayed'`)
}

it('delayed tasks are not claimed before their time', async () => {
  const agent = await seedAgent(bench.test.db)
  const ids = await bench.accept(agent, 2, LATER)
  const [past = ''] = await bench.accept(agent, 1, { startAt: { time: new Date(Date.now() - 1_000) } })
  const worker = await bench.newWorker()
  const first = await bench.claim(worker)
  expect(first.tasks.map(({ taskId }) => taskId)).toEqual([past])
  expect((await rowsOf(ids)).map(({ why, rank }) => ({ why, rank }))).toEqual([
    { why: 'delayed', rank: null },
    { why: 'delayed', rank: null },
  ])
  await letTimeCome()
  const second = await bench.claim(worker)
  expect(second.tasks.map(({ taskId }) => taskId).toSorted()).toEqual(ids.toSorted())
})

it('agents whose tasks are due at the same time take turns', async () => {
  const [many, few] = [await seedAgent(bench.test.db), await seedAgent(bench.test.db)]
  await bench.accept(many, 5, LATER)
  await bench.accept(few, 1, LATER)
  await letTimeCome()
  const { tasks } = await bench.claim(await bench.newWorker(), 2)
  expect(new Set(tasks.map(({ agentId }) => agentId))).toEqual(new Set([many.agentId, few.agentId]))
  await letTimeCome()
  await bench.claim(await bench.newWorker())
})

it('a delayed task whose row in the queue is lost gets it back, with its time', async () => {
  const agent = await seedAgent(bench.test.db)
  const [id = ''] = await bench.accept(agent, 1, LATER)
  const before = await readTask(bench.test.db, id)
  await bench.test.db.pool.query('delete from bellwire.queue where task_id = $1', [id])
  await sweep({ db: bench.test.db, signals: bench.signals })
  const { held } = (await readTask(bench.test.db, id)).task
  expect(held).toEqual(before.task.held)
  if (held?.reason !== 'delayed') throw new Error('the task is not delayed')
  expect(await rowsOf([id])).toEqual([{ why: 'delayed', due_at: new Date(held.until), rank: null }])
})
