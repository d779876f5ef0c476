import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { readInstanceBudget, writeInstanceBudget } from './budget.ts'
import { cancelTask } from '../cancel.ts'
import { releaseDeferred } from './defer.ts'
import { queueDepth } from '../../queue/queue.ts'
import { sweep } from '../recover.ts'
import { readEvents } from '../follow/taskEvents.ts'
import { listTasks, readTask, type TaskSummary } from '../views/queries.ts'

let bench: TaskBench

beforeEach(async () => {
  bench = await startTaskBench()
})

afterEach(() => bench.stop())

const parts = () => ({ db: bench.test.db, signals: bench.signals })
const limited = (budget: object) => seedAgent(bench.test.db, { budget })

/** Changes what an agent may use, as an edit of it does. */
async function edit(agentId: string, budget: object | null): Promise<void> {
  await bench.test.db.pool.query(
    `with added as (
        insert into bellwire.agent_revisions (agent_id, revision, config)
        select agent_id, revision + 1, ((config::jsonb - 'budget') || $2::jsonb)::json from bellwire.agent_revisions
        where agent_id = $1 order by revision desc limit 1 returning revision
      )
      update bellwire.agents set revision = added.revision from added where id = $1`,
    [agentId, JSON.stringify(budget === null ? {} : { budget })],
  )
}

/** One task after the other runs and uses so much, until none comes any more. */
async function runAll(worker: number, tokens: number, cost: string | null = null): Promise<number> {
  for (let runs = 0; ;) {
    const { tasks, fullAgents } = await bench.claim(worker, 1)
    const [task] = tasks
    // What was held back has taken the place of others in the claim.
    if (!task && fullAgents.length === 0) return runs
    if (!task) continue
    runs += 1
    await bench.modelCall(task, { input_tokens: tokens, cost_usd: cost })
    await bench.succeed(task)
  }
}

async function heldCount(): Promise<number> {
  const { rows } = await bench.test.db.pool.query<{ count: number }>(
    'select count(*)::int from bellwire.tasks where held is not null',
  )
  return rows[0]?.count ?? 0
}

describe('the budget of an agent', () => {
  it('stops new runs when it is used up, visibly, and keeps them', async () => {
    const agent = await limited({ max_tokens_per_day: 100 })
    const ids = await bench.accept(agent, 6)
    const worker = await bench.newWorker()
    expect(await runAll(worker, 40)).toBe(3)

    const { items: tasks } = await listTasks(bench.test.db, { states: ['PENDING'], limit: 50 })
    expect(tasks).toHaveLength(3)
    const midnight = new Date()
    midnight.setUTCHours(24, 0, 0, 0)
    for (const task of tasks) {
      expect(task.held).toMatchObject({ reason: 'budget_exhausted', scope: 'agent' })
      expect(new Date(budgetHold(task)?.until ?? 0)).toEqual(midnight)
      expect(Date.now() - new Date(task.held?.since ?? 0).getTime()).toBeLessThan(60_000)
      expect(ids).toContain(task.id)
    }
    const [held] = tasks
    const events = await readEvents(bench.test.db, held?.id ?? '', 0)
    expect(events.map(({ data }) => data['reason'])).toEqual(['accepted', 'held'])
    // Nothing is due any more: nobody spins.
    expect(await queueDepth(bench.test.db.pool)).toMatchObject({ due: 0 })
    expect(await sweep(parts())).toBe(0)
  })

  it('counts what calls cost, too', async () => {
    const agent = await limited({ max_cost_usd_per_day: 0.25 })
    await bench.accept(agent, 6)
    expect(await runAll(await bench.newWorker(), 10, '0.1')).toBe(3)
    expect(await heldCount()).toBe(3)
  })

  it.each([
    ['raised', { max_tokens_per_day: 161 }, 2],
    ['lifted', null, 3],
  ])('lets them go when it is %s', async (_, budget, more) => {
    const agent = await limited({ max_tokens_per_day: 100 })
    await bench.accept(agent, 6)
    const worker = await bench.newWorker()
    await runAll(worker, 40)
    expect(await releaseDeferred(parts())).toBe(0)
    await edit(agent.agentId, budget)
    expect(await releaseDeferred(parts())).toBe(3)
    expect(await heldCount()).toBe(0)
    expect(await runAll(worker, 40)).toBe(more)
    expect(await heldCount()).toBe(3 - more)
  })

  it('lets them go when the day ends', async () => {
    const agent = await limited({ max_tokens_per_day: 100 })
    const ids = await bench.accept(agent, 4)
    const worker = await bench.newWorker()
    expect(await runAll(worker, 40)).toBe(3)
    const [held] = (await listTasks(bench.test.db, { states: ['PENDING'], limit: 50 })).items
    await bench.test.db.pool.query('update bellwire.usage_daily set day = day - 1')
    expect(await releaseDeferred(parts())).toBe(1)
    expect(await runAll(worker, 40)).toBe(1)
    const { items: tasks } = await listTasks(bench.test.db, { states: ['SUCCESS'], limit: 50 })
    expect(tasks.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    const reasons = (await readTask(bench.test.db, held?.id ?? '')).transitions.map(({ reason }) => reason)
    expect(reasons).toEqual(['held', 'released', 'claimed', 'succeeded'])
  })

  it('does not stop a run that goes on', async () => {
    const agent = await limited({ max_tokens_per_day: 100 })
    await bench.accept(agent, 2)
    const worker = await bench.newWorker()
    const [task] = (await bench.claim(worker, 1)).tasks
    if (!task) throw new Error('nothing was claimed')
    await bench.modelCall(task, { input_tokens: 100 })
    await bench.settler.requeue(task, { kind: 'handed_back' })
    const { tasks } = await bench.claim(worker)
    expect(tasks).toMatchObject([{ taskId: task.taskId, attempt: 2 }])
    expect(await heldCount()).toBe(1)
  })

  it('is not passed by a burst, however many workers claim at once', async () => {
    const agent = await limited({ max_tokens_per_day: 200 })
    await bench.accept(agent, 60)
    const workers = await Promise.all(Array.from({ length: 4 }, bench.newWorker))
    let runs = 0
    let most = 0
    await waitFor(
      async () => {
        const claims = await Promise.all(workers.map((worker) => bench.claim(worker, 20)))
        const tasks = claims.flatMap((claim) => claim.tasks)
        most = Math.max(most, tasks.length)
        for (const task of tasks) {
          runs += 1
          await bench.modelCall(task, { input_tokens: 30 })
          await bench.succeed(task)
        }
        return (await heldCount()) === 60 - runs
      },
      { what: 'every task to have run or to be held' },
    )
    // Six runs use 180 of 200; the seventh may use what is left.
    expect(runs).toBe(7)
    expect(most).toBeGreaterThan(1)
  })

  it('does not hold up other agents, before or after', async () => {
    const spent = await limited({ max_tokens_per_day: 10 })
    const other = await seedAgent(bench.test.db)
    const worker = await bench.newWorker()
    await bench.accept(spent, 1)
    await runAll(worker, 10)
    await bench.accept(spent, 2_500)
    const [id] = await bench.accept(other, 1)
    // Each claim holds some; the task of the other agent comes with the first that has room for it.
    const mine = await waitFor(async () =>
      (await bench.claim(worker, 20)).tasks.find((task) => task.taskId === id),
    )
    expect(mine.agentId).toBe(other.agentId)
    await waitFor(async () => (await bench.claim(worker, 20)) && (await heldCount()) === 2_500)

    await edit(spent.agentId, null)
    const [next] = await bench.accept(other, 1)
    while ((await releaseDeferred(parts())) > 0);
    expect(await heldCount()).toBe(0)
    const { tasks } = await bench.claim(worker, 4)
    expect(tasks.map((task) => task.taskId)).toContain(next)
  })

  it('can be waited for no longer: a held task is cancelled like any other', async () => {
    const agent = await limited({ max_tokens_per_day: 10 })
    await bench.accept(agent, 2)
    await runAll(await bench.newWorker(), 10)
    const [held] = (await listTasks(bench.test.db, { states: ['PENDING'], limit: 5 })).items
    if (!held) throw new Error('nothing is held')
    expect(await cancelTask(parts(), held.id)).toEqual({ state: 'CANCELLED', changed: true })
    await bench.test.db.pool.query('delete from bellwire.usage_daily')
    expect(await releaseDeferred(parts())).toBe(0)
    expect((await readTask(bench.test.db, held.id)).task.held).toBeNull()
  })
})

describe('the budget of the instance', () => {
  it('holds over all agents, and shows what is gone of it', async () => {
    const { db } = bench.test
    await writeInstanceBudget(db, { max_tokens_per_day: 100 })
    const [one, other] = [await seedAgent(db), await seedAgent(db)]
    await bench.accept(one, 3)
    await bench.accept(other, 3)
    const worker = await bench.newWorker()
    expect(await runAll(worker, 40, '0.5')).toBe(3)
    const { items: tasks } = await listTasks(db, { states: ['PENDING'], limit: 50 })
    expect(tasks.map((task) => budgetHold(task)?.scope)).toEqual(['instance', 'instance', 'instance'])
    const midnight = new Date()
    midnight.setUTCHours(24, 0, 0, 0)
    expect(await readInstanceBudget(db)).toEqual({
      version: expect.any(String),
      max_tokens_per_day: 100,
      used: { tokens: 120, cost_usd: '1.5' },
      resets_at: midnight.toISOString(),
    })

    expect(await releaseDeferred(parts())).toBe(0)
    await writeInstanceBudget(db, { max_cost_usd_per_day: 2 })
    expect(await releaseDeferred(parts())).toBe(3)
    expect(await runAll(worker, 40, '0.5')).toBe(1)
    await writeInstanceBudget(db, {})
    expect(await releaseDeferred(parts())).toBe(2)
    expect(await runAll(worker, 40, '0.5')).toBe(2)
  })

  it('and that of an agent both count', async () => {
    const { db } = bench.test
    await writeInstanceBudget(db, { max_tokens_per_day: 1_000 })
    const small = await limited({ max_tokens_per_day: 50 })
    const free = await seedAgent(db)
    await bench.accept(small, 3)
    await bench.accept(free, 3)
    expect(await runAll(await bench.newWorker(), 50)).toBe(4)
    const { items: tasks } = await listTasks(db, { states: ['PENDING'], limit: 50 })
    expect(tasks.map((task) => [budgetHold(task)?.scope, task.agent_id])).toEqual([
      ['agent', small.agentId],
      ['agent', small.agentId],
    ])
    await writeInstanceBudget(db, {})
    expect(await releaseDeferred(parts())).toBe(0)
  })
})

function budgetHold({ held }: Pick<TaskSummary, 'held'>) {
  return held?.reason === 'budget_exhausted' ? held : undefined
}
