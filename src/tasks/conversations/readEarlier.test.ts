import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { readJoined } from './readEarlier.ts'

let bench: TaskBench

beforeAll(async () => (bench = await startTaskBench()))
afterAll(async () => bench?.stop())

it('reads requests that joined a task a few at a time when they are large', async () => {
  const { db } = bench.test
  const [taskId = ''] = await bench.accept(await seedAgent(db))
  await db.pool.query(
    `insert into bellwire.joined_requests (task_id, coalesced, n, payload, request)
      select $1, false, n, convert_to(case when n in (1, 9) then repeat('1', 3000000) else repeat('1', 400000) end, 'UTF8'),
        '{"method":"POST","headers":{},"query":{}}'
      from generate_series(1, 9) n`,
    [taskId],
  )
  const reads: number[][] = []
  for (let after = 0; ;) {
    const found = await readJoined(db, taskId, after)
    if (found.length === 0) break
    reads.push(found.map(({ n }) => n))
    after = found.at(-1)?.n ?? 0
  }
  expect(reads).toEqual([[1], [2, 3, 4], [5, 6, 7], [8, 9]])
})
