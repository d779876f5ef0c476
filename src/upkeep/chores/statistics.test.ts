import { afterEach, beforeEach, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { NO_USAGE, startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { openDatabase } from '../../db/database.ts'
import { createSettler, type Ending } from '../../tasks/settle.ts'
import { analyzeGrownTables } from './statistics.ts'

let bench: TaskBench

beforeEach(async () => {
  bench = await startTaskBench()
})

afterEach(() => bench.stop())

const signal = new AbortController().signal
const ending: Ending = {
  kind: 'succeeded',
  result: { answer: 'ok', sources: [], tool_calls: [], thought: '' },
  usage: NO_USAGE,
}

it('ends tasks by their ids, although the statement was planned while the installation was empty', async () => {
  const { url, db } = bench.test
  const agent = await seedAgent(db)
  const worker = await bench.newWorker()
  // A single connection, so that its plans can be examined.
  const one = openDatabase(url, { name: 'test', max: 1, onError: () => undefined })
  try {
    const settler = createSettler({ db: one, signals: bench.signals })
    // From the sixth execution on, PostgreSQL keeps a plan.
    for (let ended = 0; ended < 7; ended += 1) {
      await bench.accept(agent)
      const [task] = (await bench.claim(worker)).tasks
      if (!task) throw new Error('nothing was claimed')
      expect(await settler.end(task, ending)).toBe(true)
    }
    await db.pool.query(
      `insert into bellwire.tasks (id, agent_id, revision, origin, payload, request, state)
        select gen_random_uuid(), $1, 1, 'webhook', '{}', '{}', 'PENDING' from generate_series(1, 20000)`,
      [agent.agentId],
    )

    const chore = analyzeGrownTables(db)
    expect((await chore.run(signal)).items).toBeGreaterThan(0)
    const { rows } = await one.pool.query<{ 'QUERY PLAN': string }>(
      `explain execute tasks_end('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
    )
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toMatch(/Index Cond: .*\bid = i\.id\b/)
    expect(plan).not.toContain('Hash')

    // Nothing has grown since.
    expect(await chore.run(signal)).toEqual({ items: 0, more: false })
  } finally {
    await one.close()
  }
})
