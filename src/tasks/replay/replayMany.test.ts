import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { seedAgent } from '../../../test/harness/seed.ts'
import { newId } from '../../db/id.ts'
import { createFairRanks } from '../../queue/fairRank.ts'
import { createReplays } from './replays.ts'

const HOUR_MS = 3_600_000

let bench: TaskBench

beforeAll(async () => {
  bench = await startTaskBench()
})
afterEach(() => void vi.useRealTimers())
afterAll(() => bench.stop())

/** A failed task whose id was made by a clock that is this far ahead. */
async function fail(agent: { agentId: string; tokenHash: Buffer }, aheadMs: number): Promise<string> {
  if (aheadMs !== 0) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + aheadMs })
  const [id = ''] = await bench.accept(agent)
  vi.useRealTimers()
  await bench.test.db.pool.query(
    `with gone as (delete from bellwire.queue where task_id = $1)
      update bellwire.tasks set state = 'FAILURE', finished_at = now() where id = $1`,
    [id],
  )
  return id
}

it.each([
  ['ahead', 0.5 * HOUR_MS, 0],
  ['behind', 0, 0.5 * HOUR_MS],
])('finds the tasks of front doors whose clocks are %s', async (_, acceptsAheadMs, replaysAheadMs) => {
  const agent = await seedAgent(bench.test.db)
  const failed = [await fail(agent, 0), await fail(agent, acceptsAheadMs)]
  const { db } = bench.test
  const replays = createReplays({
    db,
    signals: bench.signals,
    ranks: createFairRanks(),
    checkModel: () => undefined,
  })
  if (replaysAheadMs !== 0) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + replaysAheadMs })
  const filter = { state: ['FAILURE' as const], agent_id: agent.agentId }
  const options = { revision: 'same' as const, writes: undefined, requestKey: newId() }
  const first = await replays.replayMany({ filter, limit: 1 }, options)
  expect(first).toMatchObject({ taskIds: [expect.any(String)], more: true })
  // Those that fail again at once are not replayed by the same request.
  await db.pool.query(
    `update bellwire.tasks set state = 'FAILURE', finished_at = now() where id = any($1::uuid[])`,
    [first.taskIds],
  )
  const again = await replays.replayMany({ filter, limit: 100 }, options)
  expect(again).toMatchObject({ taskIds: [...first.taskIds, expect.any(String)], more: false })
  const { rows } = await db.pool.query<{ replay_of: string }>(
    'select replay_of from bellwire.replays where task_id = any($1::uuid[])',
    [again.taskIds],
  )
  expect(rows.map((row) => row.replay_of).toSorted()).toEqual(failed.toSorted())
})
