import { afterEach, beforeEach, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { forgetEndedWorkers } from './workers.ts'

let bench: TaskBench

beforeEach(async () => {
  bench = await startTaskBench()
})

afterEach(() => bench.stop())

const signal = new AbortController().signal

async function workerIds(): Promise<number[]> {
  const { rows } = await bench.test.db.pool.query<{ id: number }>(
    'select id::float8 as id from bellwire.workers order by id',
  )
  return rows.map(({ id }) => id)
}

async function endWorker(id: number, ago: string): Promise<void> {
  await bench.test.db.pool.query(
    'update bellwire.workers set ended_at = now() - $2::interval where id = $1',
    [id, ago],
  )
}

it('deletes workers that ended long ago, but not those that hold a task or that live', async () => {
  const { db } = bench.test
  const [alive, recent, old, holding] = [
    await bench.newWorker(),
    await bench.newWorker(),
    await bench.newWorker(),
    await bench.newWorker(),
  ]
  await bench.accept(await seedAgent(db))
  const [task] = (await bench.claim(holding)).tasks
  if (!task) throw new Error('nothing was claimed')
  await endWorker(recent, '6 days')
  await endWorker(old, '8 days')
  await endWorker(holding, '8 days')

  const chore = forgetEndedWorkers(db)
  expect(await chore.run(signal)).toEqual({ items: 1, more: false })
  expect(await workerIds()).toEqual([alive, recent, holding])

  await bench.succeed(task)
  expect(await chore.run(signal)).toEqual({ items: 1, more: false })
  expect(await workerIds()).toEqual([alive, recent])
})

it('does so in batches', async () => {
  for (let count = 0; count < 5; count++) await endWorker(await bench.newWorker(), '30 days')
  const chore = forgetEndedWorkers(bench.test.db, { batch: 2 })
  const batches = [await chore.run(signal), await chore.run(signal), await chore.run(signal)]
  expect(batches).toEqual([
    { items: 2, more: true },
    { items: 2, more: true },
    { items: 1, more: false },
  ])
})

it('lets no worker claim whose row is gone', async () => {
  await bench.accept(await seedAgent(bench.test.db))
  const frozen = await bench.newWorker()
  await endWorker(frozen, '8 days')
  await forgetEndedWorkers(bench.test.db).run(signal)
  await expect(bench.claim(frozen)).rejects.toThrow('may not claim tasks')
})
