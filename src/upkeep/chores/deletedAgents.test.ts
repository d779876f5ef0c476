import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { createTaskStatuses } from '../../tasks/views/statuses.ts'
import { settleTasksOfDeletedAgents } from './deletedAgents.ts'

let bench: TaskBench

beforeAll(async () => {
  bench = await startTaskBench()
})
afterAll(() => bench.stop())

it('cancels tasks that were accepted while their agent was deleted, unless they may finish', async () => {
  const { db } = bench.test
  const chore = settleTasksOfDeletedAgents({ db, signals: bench.signals })
  const stateAfter = async (mode: string | null) => {
    const agent = await seedAgent(db)
    const [taskId = ''] = await bench.accept(agent)
    await db.pool.query('update bellwire.agents set deleted_at = now(), delete_mode = $2 where id = $1', [
      agent.agentId,
      mode,
    ])
    await chore.run(new AbortController().signal)
    return (await createTaskStatuses(db).read(taskId))?.state
  }
  expect(await stateAfter(null)).toBe('CANCELLED')
  expect(await stateAfter('cancel')).toBe('CANCELLED')
  expect(await stateAfter('finish')).toBe('PENDING')
  expect(await chore.run(new AbortController().signal)).toEqual({ items: 0, more: false })
})
