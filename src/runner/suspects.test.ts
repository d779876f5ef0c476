import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedAgent } from '../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../test/harness/taskBench.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { createSuspects } from './suspects.ts'

let bench: TaskBench

beforeAll(async () => {
  bench = await startTaskBench()
})
afterAll(() => bench.stop())

it('runs two suspects at once, but none beside one that has lost very many workers', async () => {
  const { db } = bench.test
  const agent = await seedAgent(db)
  const ids = (await bench.accept(agent, 4)).toSorted()
  const [first = '', second = '', many = '', last = ''] = ids
  await db.pool.query(
    `update bellwire.queue set rank = null, due_at = 'infinity', why = 'suspect' where task_id = any($1::uuid[])`,
    [ids],
  )
  await db.pool.query('update bellwire.tasks set crashes = case when id = $1 then 10 else 3 end', [many])
  const running = new Map<string, () => void>()
  const { look } = createSuspects({
    db,
    signals: bench.signals,
    workerId: await bench.newWorker(),
    startAlone: ({ taskId }) =>
      new Promise((resolve) => {
        running.set(taskId, () => {
          running.delete(taskId)
          resolve({ died: false })
        })
      }),
    log: pino({ level: 'silent' }),
  })
  /** Ends the run of a task that then waits no longer. */
  const end = async (taskId: string): Promise<void> => {
    await db.pool.query('delete from bellwire.queue where task_id = $1', [taskId])
    running.get(taskId)?.()
  }
  const lookUntil = (expected: string[]) =>
    waitFor(async () => {
      await look()
      return [...running.keys()].toSorted().join() === expected.toSorted().join()
    })

  await lookUntil([first, second])
  await end(first)
  await look()
  await look()
  expect([...running.keys()]).toEqual([second])
  await end(second)
  await lookUntil([many])
  await look()
  expect([...running.keys()]).toEqual([many])
  await end(many)
  await lookUntil([last])
  await end(last)
})
