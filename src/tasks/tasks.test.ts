import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedAgent } from '../../test/harness/seed.ts'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { longestTurn } from '../../test/harness/processorTime.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { openDatabase } from '../db/database.ts'
import { createSignals, type Signals } from '../db/signals.ts'
import { createFairRanks, type FairRanks } from '../queue/fairRank.ts'
import { createAcceptor } from './accept.ts'
import type { Trigger } from './trigger.ts'
import type { ObjectEvent } from './objectGuard.ts'
import { recordOwnObjects } from './ownObjects.ts'
import { cancelTask } from './cancel.ts'
import { claimSuspect, claimTasks } from './claim.ts'
import { createTaskFeed } from './follow/taskFeed.ts'
import { readSuspects, sweep, takeOver, takeOverAlone } from './recover.ts'
import { readEvents } from './follow/taskEvents.ts'
import { dedupeKey } from './dedupeKey.ts'
import { listTasks, readTask } from './views/queries.ts'
import { createTaskStatuses } from './views/statuses.ts'
import { promote } from './promote.ts'
import { createSettler } from './settle.ts'
import { createStepWriter } from './steps.ts'
import { waitForEnd } from './follow/waitForEnd.ts'
import type { Accepted } from './writeTasks.ts'

let test: TestDatabase
let signals: Signals
const fail = (error: Error): void => {
  throw error
}

beforeAll(async () => {
  test = await createTestDatabase()
  signals = createSignals(test.db, test.url, { name: 'test', onError: fail })
})

afterAll(async () => {
  await signals?.stop()
  await test?.drop()
})

function newAcceptor(options: { groupSize?: number; inFlight?: number; ranks?: FairRanks } = {}) {
  return createAcceptor({ db: test.db, ranks: createFairRanks(), signals, ...options })
}

function trigger(agent: { agentId: string; tokenHash: Buffer }, more: Partial<Trigger> = {}): Trigger {
  return {
    agentId: agent.agentId,
    tokenHash: agent.tokenHash,
    origin: 'webhook',
    payload: Buffer.from('{"n":1}'),
    request: '{"method":"POST","headers":{},"query":{}}',
    interactive: false,
    streamed: false,
    ...more,
  }
}

/** A key of this agent's own. */
function keyOf({ agentId }: { agentId: string }, text: string): NonNullable<Trigger['dedupe']> {
  return { key: dedupeKey({ entrance: [agentId], kind: 'idempotency_key', text }), ttlSeconds: 60 }
}

let nextWorker = 1_000
async function newWorker(): Promise<number> {
  const { rows } = await test.db.pool.query<{ id: number }>(
    `insert into bellwire.workers (id, name) overriding system value values ($1, 'test:0') returning id::float8 as id`,
    [nextWorker++],
  )
  return rows[0]?.id ?? 0
}

async function claimAll(workerId: number, limit = 100) {
  await promote({ db: test.db, signals })
  return claimTasks(test.db, { workerId, limit })
}

async function count(sql: string, values: unknown[] = []): Promise<number> {
  const { rows } = await test.db.pool.query<{ count: string }>(`select count(*) from ${sql}`, values)
  return Number(rows[0]?.count)
}

const usage = {
  model_calls: 1,
  input_tokens: 1,
  cached_input_tokens: 0,
  output_tokens: 1,
  reasoning_tokens: 0,
  cost_usd: null,
}
const result = { answer: 'yes', sources: [], tool_calls: [], thought: '' }

describe('accepting', () => {
  it('writes a task with the present revision, and its job', async () => {
    const agent = await seedAgent(test.db)
    const { taskId, replayed } = await newAcceptor().accept(trigger(agent))
    expect(replayed).toBe(false)
    const { task, payload } = await readTask(test.db, taskId)
    expect(task).toMatchObject({ state: 'PENDING', revision: 1, agent_id: agent.agentId, origin: 'webhook' })
    expect(payload).toEqual({ n: 1 })
    expect(await count('bellwire.queue where task_id = $1', [taskId])).toBe(1)
  })

  it('keeps the bytes as they came, with what jsonb would refuse', async () => {
    const agent = await seedAgent(test.db)
    const payload = Buffer.from('{"nul":"\\u0000","half":"\\ud800","n":1.0}')
    const { taskId } = await newAcceptor().accept(trigger(agent, { payload }))
    const { rows } = await test.db.pool.query<{ payload: Buffer }>(
      'select payload from bellwire.tasks where id = $1',
      [taskId],
    )
    expect(rows[0]?.payload.equals(payload)).toBe(true)
  })

  it('refuses a webhook that is gone, and gives its key back', async () => {
    const agent = await seedAgent(test.db)
    const dedupe = keyOf(agent, 'k')
    await test.db.pool.query('update bellwire.webhooks set enabled = false where agent_id = $1', [
      agent.agentId,
    ])
    await expect(newAcceptor().accept(trigger(agent, { dedupe }))).rejects.toMatchObject({
      code: 'webhook_not_found',
    })
    await test.db.pool.query('update bellwire.webhooks set enabled = true where agent_id = $1', [
      agent.agentId,
    ])
    expect(await newAcceptor().accept(trigger(agent, { dedupe }))).toMatchObject({ replayed: false })
  })

  it('does not let one bad entry hurt the others of its group', async () => {
    const agent = await seedAgent(test.db)
    const acceptor = newAcceptor({ inFlight: 1 })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        acceptor.accept(trigger(agent, index === 25 ? { request: 'not json' } : {})),
      ),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(1)
    expect(await count('bellwire.tasks where agent_id = $1', [agent.agentId])).toBe(49)
  })

  it('makes one task of 64 racing requests with one key, over two processes', async () => {
    const other = openDatabase(test.url, { name: 'other', onError: fail })
    try {
      const agent = await seedAgent(test.db)
      const one = newAcceptor({ groupSize: 5 })
      const two = createAcceptor({ db: other, ranks: createFairRanks(), signals, groupSize: 3 })
      const all = await Promise.all(
        Array.from({ length: 64 }, (_, index) =>
          (index % 2 ? one : two).accept(trigger(agent, { dedupe: keyOf(agent, 'same') })),
        ),
      )
      expect(new Set(all.map((accepted) => accepted.taskId)).size).toBe(1)
      expect(all.filter((accepted) => !accepted.replayed)).toHaveLength(1)
      expect(await count('bellwire.tasks where agent_id = $1', [agent.agentId])).toBe(1)
    } finally {
      await other.close()
    }
  })

  it('holds one key to one task, whatever the order, grouping and expiry', async () => {
    const other = openDatabase(test.url, { name: 'other', onError: fail })
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), second: fc.boolean() }), {
            minLength: 1,
            maxLength: 40,
          }),
          fc.integer({ min: 1, max: 8 }),
          async (requests, groupSize) => {
            const agent = await seedAgent(test.db)
            const acceptors = [
              newAcceptor({ groupSize }),
              createAcceptor({ db: other, ranks: createFairRanks(), signals, groupSize: 4 }),
            ]
            const accepted = await Promise.all(
              requests.map(async ({ key, second }) => ({
                key,
                ...(await acceptors[second ? 1 : 0]?.accept(trigger(agent, { dedupe: keyOf(agent, key) }))),
              })),
            )
            const byKey = Map.groupBy(accepted, ({ key }) => key)
            for (const group of byKey.values()) {
              expect(new Set(group.map(({ taskId }) => taskId)).size).toBe(1)
              expect(group.filter(({ replayed }) => !replayed)).toHaveLength(1)
            }
            expect(await count('bellwire.tasks where agent_id = $1', [agent.agentId])).toBe(byKey.size)
          },
        ),
        { numRuns: 25 },
      )
    } finally {
      await other.close()
    }
  })

  it('lets a key go when its time is over, and keeps entrances apart', async () => {
    const [one, two] = [await seedAgent(test.db), await seedAgent(test.db)]
    const acceptor = newAcceptor()
    const dedupe = keyOf(one, 'k')
    const first = await acceptor.accept(trigger(one, { dedupe }))
    expect(await acceptor.accept(trigger(two, { dedupe: keyOf(two, 'k') }))).toMatchObject({
      replayed: false,
    })
    expect(await acceptor.accept(trigger(one, { dedupe }))).toEqual({ ...first, replayed: true })
    await test.db.pool.query(
      "update bellwire.dedupe_keys set expires_at = now() - interval '1 s' where task_id = $1",
      [first.taskId],
    )
    const again = await acceptor.accept(trigger(one, { dedupe }))
    expect(again.replayed).toBe(false)
    expect(again.taskId).not.toBe(first.taskId)
  })

  it('takes bodies of many megabytes at once, in groups that are bounded', async () => {
    const agent = await seedAgent(test.db)
    const acceptor = newAcceptor()
    const payload = Buffer.from(`"${'x'.repeat(1024 * 1024)}"`)
    const { turn, result: accepted } = await longestTurn(() =>
      Promise.allSettled(Array.from({ length: 64 }, () => acceptor.accept(trigger(agent, { payload })))),
    )
    const done = accepted.filter(({ status }) => status === 'fulfilled')
    // What has no turn within the time of an acknowledgement is refused clearly; nothing breaks.
    for (const outcome of accepted) {
      if (outcome.status === 'rejected')
        expect(['database_unavailable', 'not_acknowledged']).toContain(outcome.reason.code)
    }
    expect(done.length).toBeGreaterThan(8)
    expect(turn).toBeLessThan(500)
    await test.db.pool.query('delete from bellwire.queue where agent_id = $1', [agent.agentId])
    await test.db.pool.query('delete from bellwire.tasks where agent_id = $1', [agent.agentId])
  })
})

describe('accepting an event about an object', () => {
  const agents: string[] = []
  const newAgent = async () => {
    const agent = await seedAgent(test.db)
    agents.push(agent.agentId)
    return agent
  }
  // Later tests claim what is in the queue.
  afterAll(async () => {
    for (const table of ['queue', 'tasks']) {
      await test.db.pool.query(`delete from bellwire.${table} where agent_id = any($1::uuid[])`, [agents])
    }
  })

  const about = (
    agent: { agentId: string },
    object: string,
    more: Partial<ObjectEvent> = {},
  ): ObjectEvent => ({
    agentId: agent.agentId,
    own: [object],
    object,
    maxRings: 5,
    ...more,
  })
  const heldReasons = async (agentId: string): Promise<(string | null)[]> => {
    const { rows } = await test.db.pool.query<{ reason: string | null }>(
      `select held ->> 'reason' as reason from bellwire.tasks where agent_id = $1`,
      [agentId],
    )
    return rows.map(({ reason }) => reason)
  }

  it('holds exactly those beyond the limit of its object, over two processes', async () => {
    const other = openDatabase(test.url, { name: 'other', onError: fail })
    try {
      const agent = await newAgent()
      const acceptors = [
        newAcceptor({ groupSize: 4 }),
        createAcceptor({ db: other, ranks: createFairRanks(), signals, groupSize: 3 }),
      ]
      const accepted = await Promise.all(
        Array.from({ length: 40 }, async (_, n) =>
          acceptors[n % 2]?.acceptEvent(
            trigger(agent, n % 3 === 0 ? { dedupe: keyOf(agent, `event ${n}`) } : {}),
            about(agent, n % 4 < 3 ? 'busy' : `quiet ${n}`),
          ),
        ),
      )
      expect(accepted.filter((one) => one && 'isLoop' in one)).toHaveLength(25)
      const reasons = await heldReasons(agent.agentId)
      expect(reasons.filter((reason) => reason === 'loop_suspected')).toHaveLength(25)
      expect(reasons.filter((reason) => reason === null)).toHaveLength(15)
    } finally {
      await other.close()
    }
  })

  it('writes nothing for an echo, and its key is free', async () => {
    const agent = await newAgent()
    const acceptor = newAcceptor()
    const made = await acceptor.accept(trigger(agent))
    await recordOwnObjects(test.db, [{ taskId: made.taskId, name: 'https://x.example/7 \ud800' }])
    const dedupe = keyOf(agent, 'event')
    const echo = about(agent, 'https://x.example/7 \ud800')
    expect(
      await Promise.all([
        acceptor.acceptEvent(trigger(agent, { dedupe }), echo),
        acceptor.acceptEvent(trigger(agent), about(agent, 'https://x.example/8')),
        // The same key, and about another object.
        acceptor.acceptEvent(trigger(agent, { dedupe }), about(agent, 'https://x.example/9')),
      ]),
    ).toEqual([
      { kind: 'echo', taskId: made.taskId },
      expect.objectContaining({ replayed: false }),
      expect.objectContaining({ replayed: false }),
    ])
    expect(await count('bellwire.tasks where agent_id = $1', [agent.agentId])).toBe(3)
  })

  it('gives the task of a key that was taken, held or not', async () => {
    const agent = await newAgent()
    const acceptor = newAcceptor()
    const ring = (key: string) =>
      acceptor.acceptEvent(
        trigger(agent, { dedupe: keyOf(agent, key) }),
        about(agent, 'one', { maxRings: 1 }),
      ) as Promise<Accepted>
    const first = await ring('a')
    expect(await ring('a')).toEqual({ ...first, replayed: true })
    const third = await ring('b')
    expect(third).toMatchObject({ replayed: false, isLoop: true })
    expect(await ring('b')).toEqual({
      kind: 'accepted',
      taskId: third.taskId,
      replayed: true,
      mismatch: false,
    })
    expect(await heldReasons(agent.agentId)).toEqual(expect.arrayContaining([null, 'loop_suspected']))
  })

  it('does not count deliveries that start no task', async () => {
    const agent = await newAgent()
    const acceptors = [newAcceptor(), newAcceptor()]
    const ring = (key: string) => (acceptor: ReturnType<typeof newAcceptor>) =>
      acceptor.acceptEvent(
        trigger(agent, { dedupe: keyOf(agent, key) }),
        about(agent, 'one', { maxRings: 3 }),
      ) as Promise<Accepted>
    const first = await Promise.all(acceptors.map(ring('a')))
    expect(first.filter(({ replayed }) => replayed)).toHaveLength(1)
    for (let n = 0; n < 5; n += 1) await Promise.all(acceptors.map(ring('a')))
    const [acceptor = newAcceptor()] = acceptors
    for (const key of ['b', 'c']) {
      expect(await ring(key)(acceptor)).not.toHaveProperty('isLoop')
      expect(await ring(key)(acceptor)).toMatchObject({ replayed: true })
    }
    const fourth = await ring('d')(acceptor)
    expect(fourth).toMatchObject({ replayed: false, isLoop: true })
    expect(await ring('d')(acceptor)).toEqual({
      kind: 'accepted',
      taskId: fourth.taskId,
      replayed: true,
      mismatch: false,
    })
    const { rows } = await test.db.pool.query(
      `select q.why, q.rank, q.due_at::text, t.held ->> 'reason' as reason
        from bellwire.queue q join bellwire.tasks t on t.id = q.task_id where t.id = $1`,
      [fourth.taskId],
    )
    expect(rows).toEqual([{ why: 'held', rank: null, due_at: 'infinity', reason: 'loop_suspected' }])
    const [fifth, again] = await Promise.all([ring('e')(acceptor), ring('e')(acceptor)])
    expect(fifth).toMatchObject({ replayed: false, isLoop: true })
    expect(again).toEqual({ kind: 'accepted', taskId: fifth.taskId, replayed: true, mismatch: false })
  })

  it('does not count what a webhook that is gone has sent', async () => {
    const agent = await newAgent()
    const acceptor = newAcceptor()
    const ring = () => acceptor.acceptEvent(trigger(agent), about(agent, 'gone', { maxRings: 1 }))
    const enable = (enabled: boolean) =>
      test.db.pool.query('update bellwire.webhooks set enabled = $2 where agent_id = $1', [
        agent.agentId,
        enabled,
      ])
    await enable(false)
    await expect(ring()).rejects.toMatchObject({ code: 'webhook_not_found' })
    await enable(true)
    expect(await ring()).not.toHaveProperty('isLoop')
    expect(await ring()).toMatchObject({ isLoop: true })
  })
})

it.each(['57014', '55P03', '40P01'])(
  'acknowledges what is committed although a later statement of its group fails with %s',
  async (code) => {
    const agent = await seedAgent(test.db)
    const taken = keyOf(agent, 'taken')
    await newAcceptor().accept(trigger(agent, { dedupe: taken }))
    const { pool } = test.db
    const query = (...[statement, ...rest]: Parameters<typeof pool.query>) =>
      (statement as { name?: string }).name === 'keys_read'
        ? Promise.reject(Object.assign(new Error('refused'), { code }))
        : pool.query(statement, ...rest)
    const failing = Object.create(pool, { query: { value: query } }) as typeof pool
    const db = { ...test.db, pool: failing }
    const acceptor = createAcceptor({ db, ranks: createFairRanks(), signals, inFlight: 1 })
    // The first has a group of its own; the others share the next one.
    const [, fresh, again] = await Promise.allSettled([
      acceptor.accept(trigger(agent)),
      acceptor.accept(trigger(agent, { dedupe: keyOf(agent, 'fresh') })),
      acceptor.accept(trigger(agent, { dedupe: taken })),
    ])
    expect(fresh).toMatchObject({ status: 'fulfilled', value: { replayed: false } })
    expect(again).toMatchObject({ status: 'rejected', reason: { code: 'not_acknowledged' } })
    expect(await count('bellwire.tasks where agent_id = $1', [agent.agentId])).toBe(3)
  },
)

describe('a claim', () => {
  it('takes a task once, and settles with its result', async () => {
    const agent = await seedAgent(test.db)
    const { taskId } = await newAcceptor().accept(trigger(agent))
    const worker = await newWorker()
    const claims = await Promise.all([claimAll(worker), claimAll(worker), claimAll(worker)])
    const mine = claims.flatMap(({ tasks }) => tasks).filter((task) => task.taskId === taskId)
    expect(mine).toHaveLength(1)
    const [task] = mine
    if (!task) throw new Error('unreachable')
    expect(task).toMatchObject({ attempt: 1, failures: 0 })
    expect(
      await createSettler({ db: test.db, signals }).end(task, { kind: 'succeeded', result, usage }),
    ).toBe(true)
    expect(await createTaskStatuses(test.db).read(taskId)).toMatchObject({ state: 'SUCCESS', result })
    expect(await count('bellwire.queue where task_id = $1', [taskId])).toBe(0)
    expect((await readEvents(test.db, taskId, 0)).map((event) => [event.id, event.data['state']])).toEqual([
      [1, 'PENDING'],
      [2, 'STARTED'],
      [3, 'SUCCESS'],
    ])
  })

  it('keeps an agent within max_concurrent_runs while several workers claim at once', async () => {
    const agent = await seedAgent(test.db, {
      limits: { max_steps: 1, timeout_seconds: 9, max_concurrent_runs: 3 },
    })
    const acceptor = newAcceptor()
    await Promise.all(Array.from({ length: 20 }, () => acceptor.accept(trigger(agent))))
    const workers = await Promise.all(Array.from({ length: 6 }, newWorker))
    const first = await Promise.all(workers.map((worker) => claimAll(worker, 5)))
    const held = first.flatMap(({ tasks }) => tasks).filter((task) => task.agentId === agent.agentId)
    expect(held).toHaveLength(3)
    const settler = createSettler({ db: test.db, signals })
    await Promise.all(held.map((task) => settler.end(task, { kind: 'succeeded', result, usage })))
    let done = held.length
    for (let round = 0; round < 20 && done < 20; round += 1) {
      const { tasks } = await claimAll(workers[0] ?? 0)
      expect(tasks.length).toBeLessThanOrEqual(3)
      await Promise.all(tasks.map((task) => settler.end(task, { kind: 'succeeded', result, usage })))
      done += tasks.length
    }
    expect(done).toBe(20)
    expect(
      await count(`bellwire.transitions t join bellwire.tasks k on k.id = t.task_id where k.agent_id = $1`, [
        agent.agentId,
      ]),
    ).toBe(40)
  })

  it('brings the first task of another agent in front of a long burst', async () => {
    const [busy, quiet] = [await seedAgent(test.db), await seedAgent(test.db)]
    const acceptor = newAcceptor()
    await Promise.all(Array.from({ length: 300 }, () => acceptor.accept(trigger(busy))))
    await acceptor.accept(trigger(quiet))
    const worker = await newWorker()
    const { tasks } = await claimAll(worker, 10)
    expect(tasks.map((task) => task.agentId)).toContain(quiet.agentId)
    let left = 301 - tasks.length
    while (left > 0) left -= (await claimAll(worker, 100)).tasks.length
  })
})

describe('the fence', () => {
  async function claimed() {
    const agent = await seedAgent(test.db)
    const { taskId } = await newAcceptor().accept(trigger(agent))
    const workerId = await newWorker()
    const task = (await claimAll(workerId)).tasks.find((one) => one.taskId === taskId)
    if (!task) throw new Error('the task was not claimed')
    return { taskId, workerId, task }
  }
  const step = {
    key: 'm0',
    kind: 'model' as const,
    name: 'demo/assistant',
    step: 0,
    state: 'done' as const,
    input: { text: '\u0000' },
    output: { text: '\ud800' },
    startedAt: new Date(),
    finishedAt: new Date(),
  }

  it('lets a worker that lost its lease write nothing', async () => {
    const { taskId, workerId, task } = await claimed()
    const writer = createStepWriter({ db: test.db, signals })
    const settler = createSettler({ db: test.db, signals })
    expect(await writer.write(task, step, false)).toBe(true)
    expect(await takeOver({ db: test.db, signals }, workerId)).toBeGreaterThan(0)
    expect((await createTaskStatuses(test.db).read(taskId))?.state).toBe('STARTED')

    expect(await writer.write(task, { ...step, key: 'm1' }, false)).toBe(false)
    expect(await settler.end(task, { kind: 'succeeded', result, usage })).toBe(false)
    expect(await settler.requeue(task, { kind: 'handed_back' })).toBe(false)

    const other = await newWorker()
    const again = (await claimAll(other)).tasks.find((one) => one.taskId === taskId)
    expect(again?.attempt).toBe(2)
    expect(await writer.write(task, { ...step, key: 'm1' }, false)).toBe(false)
    expect(await settler.end(task, { kind: 'succeeded', result, usage })).toBe(false)
    if (!again) throw new Error('unreachable')
    expect(await settler.end(again, { kind: 'succeeded', result, usage })).toBe(true)
    expect(await settler.end(again, { kind: 'succeeded', result, usage })).toBe(false)
    const { steps, transitions } = await readTask(test.db, taskId)
    expect(steps.map(({ key }) => key)).toEqual(['m0'])
    expect(transitions.map(({ reason }) => reason)).toEqual([
      'claimed',
      'worker_lost',
      'claimed',
      'succeeded',
    ])
  })

  it('goes on before tasks that have not begun, whatever their ranks are by now', async () => {
    const agent = await seedAgent(test.db)
    const ranks = createFairRanks()
    ranks.update(300)
    const { taskId: lost } = await newAcceptor({ ranks }).accept(trigger(agent))
    const { taskId: handedBack } = await newAcceptor({ ranks }).accept(trigger(agent))
    const workerId = await newWorker()
    const { tasks } = await claimAll(workerId)
    const back = tasks.find((one) => one.taskId === handedBack)
    if (!back) throw new Error('unreachable')
    // The queue was empty since, and the ranks have begun again from zero.
    for (let more = 0; more < 5; more += 1) await newAcceptor().accept(trigger(await seedAgent(test.db)))
    const settler = createSettler({ db: test.db, signals })
    expect(await settler.requeue(back, { kind: 'handed_back' })).toBe(true)
    await takeOver({ db: test.db, signals }, workerId)
    const next = (await claimAll(await newWorker(), 2)).tasks
    expect(next.map((task) => task.taskId).toSorted()).toEqual([lost, handedBack].toSorted())
    await claimAll(await newWorker())
  })

  it('lets a worker that was declared dead claim nothing, however the two race', async () => {
    for (let round = 0; round < 20; round += 1) {
      const workerId = await newWorker()
      const agent = await seedAgent(test.db)
      const { taskId } = await newAcceptor().accept(trigger(agent))
      await Promise.allSettled([claimAll(workerId), takeOver({ db: test.db, signals }, workerId)])
      expect(await count('bellwire.tasks where worker_id = $1', [workerId])).toBe(0)
      await expect(claimAll(workerId)).rejects.toThrow('dead')
      const again = (await claimAll(await newWorker())).tasks
      expect(again.map((task) => task.taskId)).toContain(taskId)
    }
  })

  it('writes several steps of one task that come at once, in order', async () => {
    const { taskId, task } = await claimed()
    const writer = createStepWriter({ db: test.db, signals })
    const keys = ['a', 'b', 'c', 'd']
    const written = await Promise.all(keys.map((key) => writer.write(task, { ...step, key }, false)))
    expect(written).toEqual([true, true, true, true])
    const { steps } = await readTask(test.db, taskId)
    expect(steps.map(({ key, event }) => [key, event])).toEqual(keys.map((key, index) => [key, index + 3]))
    expect(steps[0]).toMatchObject({ input: step.input, output: step.output })
  })

  it('writes steps and ends of others although one of the group cannot be written', async () => {
    const [bad, good] = [await claimed(), await claimed()]
    const writer = createStepWriter({ db: test.db, signals })
    const odd = { ...usage, input_tokens: 1e30 }
    const steps = await Promise.allSettled([
      writer.write(bad.task, { ...step, usage: odd }, false),
      writer.write(good.task, step, false),
    ])
    expect(steps).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: true }])

    const settler = createSettler({ db: test.db, signals })
    const levels = 100_000
    const deep: unknown = JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
    const ends = await Promise.allSettled([
      settler.end(bad.task, { kind: 'succeeded', result: { ...result, output: deep }, usage }),
      settler.end(good.task, { kind: 'succeeded', result, usage }),
    ])
    expect(ends).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: true }])
    await settler.end(bad.task, { kind: 'succeeded', result, usage })
  })

  it('finds tasks of a worker that has ended with them', async () => {
    const { taskId, workerId } = await claimed()
    await test.db.pool.query('update bellwire.workers set ended_at = now() where id = $1', [workerId])
    expect(await sweep({ db: test.db, signals })).toBe(1)
    expect((await claimAll(await newWorker())).tasks.map((task) => task.taskId)).toContain(taskId)
    expect(await sweep({ db: test.db, signals })).toBe(0)
  })

  it('goes on before tasks of others that have not begun, and behind interactive work, after any kind of break', async () => {
    const [busy, other] = [await seedAgent(test.db), await seedAgent(test.db)]
    const acceptor = newAcceptor()
    const { taskId: retried } = await acceptor.accept(trigger(other))
    const { taskId: handedBack } = await acceptor.accept(trigger(other))
    const worker = await newWorker()
    const settler = createSettler({ db: test.db, signals })
    const { tasks } = await claimAll(worker)
    await Promise.all(Array.from({ length: 300 }, () => acceptor.accept(trigger(busy))))
    const of = (id: string) => {
      const task = tasks.find(({ taskId }) => taskId === id)
      if (!task) throw new Error('the task was not claimed')
      return task
    }
    const error = { code: 'provider_unavailable', message: 'away' }
    await settler.requeue(of(retried), { kind: 'retry', error, delayMs: 1 })
    await settler.requeue(of(handedBack), { kind: 'handed_back' })
    const { taskId: interactive } = await acceptor.accept(trigger(busy, { interactive: true }))
    await waitFor(async () => (await promote({ db: test.db, signals })) > 0)
    const next = (await claimAll(await newWorker(), 3)).tasks
    expect(next[0]?.taskId).toBe(interactive)
    expect(next.map(({ taskId }) => taskId).toSorted()).toEqual([retried, handedBack, interactive].toSorted())
    await test.db.pool.query('delete from bellwire.queue')
    await test.db.pool.query('delete from bellwire.tasks where agent_id = $1', [busy.agentId])
  })

  describe('and a task that takes its workers down', () => {
    async function crash(taskId: string): Promise<void> {
      const workerId = await newWorker()
      expect((await claimAll(workerId)).tasks.map((task) => task.taskId)).toContain(taskId)
      await takeOver({ db: test.db, signals }, workerId)
    }
    async function suspects(): Promise<string[]> {
      return (await readSuspects(test.db, 100)).map(({ taskId }) => taskId)
    }
    async function suspect(): Promise<string> {
      const agent = await seedAgent(test.db)
      const { taskId } = await newAcceptor().accept(trigger(agent))
      for (let times = 0; times < 3; times += 1) await crash(taskId)
      return taskId
    }
    async function runAlone(taskId: string, parentId: number): Promise<number> {
      const workerId = await newWorker()
      await test.db.pool.query('update bellwire.workers set parent_id = $2 where id = $1', [
        workerId,
        parentId,
      ])
      expect(await claimSuspect(test.db, { workerId, taskId })).toMatchObject({ taskId })
      return workerId
    }

    it('is run alone after the third time, and claimed by nobody else', async () => {
      const taskId = await suspect()
      expect((await claimAll(await newWorker())).tasks).toEqual([])
      expect(await suspects()).toContain(taskId)
      expect(await sweep({ db: test.db, signals })).toBe(0)
      const alone = await runAlone(taskId, await newWorker())
      expect(await suspects()).not.toContain(taskId)
      expect(await claimSuspect(test.db, { workerId: alone, taskId })).toBeUndefined()
    })

    it('fails when it takes a process of its own down as well', async () => {
      const taskId = await suspect()
      const parentId = await newWorker()
      await runAlone(taskId, parentId)
      expect(await takeOverAlone({ db: test.db, signals }, { taskId, parentId, blamed: true })).toBe(true)
      expect(await createTaskStatuses(test.db).read(taskId)).toMatchObject({
        state: 'FAILURE',
        error: { code: 'worker_lost' },
      })
      expect(await count('bellwire.queue where task_id = $1', [taskId])).toBe(0)
    })

    it('does not affect the tasks beside it: they are queued again when it is to blame', async () => {
      const agent = await seedAgent(test.db)
      const acceptor = newAcceptor()
      const accepted = await Promise.all(Array.from({ length: 50 }, () => acceptor.accept(trigger(agent))))
      const [poison = '', late = '', ...innocent] = accepted.map(({ taskId }) => taskId)
      const killAll = async (ids: readonly string[]): Promise<void> => {
        const workerId = await newWorker()
        const { tasks } = await claimAll(workerId)
        expect(tasks.map(({ taskId }) => taskId)).toEqual(expect.arrayContaining([...ids]))
        await takeOver({ db: test.db, signals }, workerId)
      }
      // This one has already lost a worker for another reason, and keeps that.
      await test.db.pool.query(
        `update bellwire.queue set due_at = 'infinity', rank = null where task_id = any($1::uuid[])`,
        [[poison, ...innocent]],
      )
      await crash(late)
      await test.db.pool.query(
        `update bellwire.queue set due_at = now(), rank = 1 where task_id = any($1::uuid[])`,
        [[poison, ...innocent]],
      )
      await killAll([poison, ...innocent])
      await killAll([poison, ...innocent])
      await killAll([poison, ...innocent].filter((id) => id !== late))
      expect(await suspects()).toEqual(expect.arrayContaining([poison, late, ...innocent]))

      const parentId = await newWorker()
      await runAlone(poison, parentId)
      expect(await takeOverAlone({ db: test.db, signals }, { taskId: poison, parentId, blamed: true })).toBe(
        true,
      )
      const { rows } = await test.db.pool.query<{ id: string; crashes: number }>(
        `select id, crashes from bellwire.tasks where id = any($1::uuid[]) and state = 'STARTED'`,
        [[late, ...innocent]],
      )
      expect(rows).toHaveLength(49)
      for (const { id, crashes } of rows) expect(crashes, id).toBe(id === late ? 1 : 0)
      const left = await suspects()
      for (const id of [late, ...innocent]) expect(left).not.toContain(id)
      const { tasks } = await claimAll(await newWorker())
      expect(tasks.map(({ taskId }) => taskId)).toEqual(expect.arrayContaining([late, ...innocent]))
    })

    it('stays a suspect when another task is to blame for unrelated crashes', async () => {
      const [own, other] = [await suspect(), await suspect()]
      const parentId = await newWorker()
      await runAlone(other, parentId)
      await takeOverAlone({ db: test.db, signals }, { taskId: other, parentId, blamed: true })
      expect(await suspects()).toContain(own)
      expect(await count('bellwire.tasks where id = $1 and crashes = 3', [own])).toBe(1)
    })

    it('is not at fault when the worker that started its process died as well', async () => {
      const taskId = await suspect()
      const parentId = await newWorker()
      const alone = await runAlone(taskId, parentId)
      // Others see the child's end before the parent's, as after the loss of the database.
      await takeOver({ db: test.db, signals }, alone)
      expect(await takeOverAlone({ db: test.db, signals }, { taskId, parentId, blamed: true })).toBe(false)
      const again = await runAlone(taskId, parentId)
      await takeOver({ db: test.db, signals }, parentId)
      expect(await takeOverAlone({ db: test.db, signals }, { taskId, parentId, blamed: true })).toBe(false)
      await takeOver({ db: test.db, signals }, again)
      expect((await createTaskStatuses(test.db).read(taskId))?.state).toBe('STARTED')
      expect(await suspects()).toContain(taskId)
    })

    it('is not at fault when its process ended of itself, for want of a database', async () => {
      const taskId = await suspect()
      const parentId = await newWorker()
      await runAlone(taskId, parentId)
      expect(await takeOverAlone({ db: test.db, signals }, { taskId, parentId, blamed: false })).toBe(true)
      expect((await createTaskStatuses(test.db).read(taskId))?.state).toBe('STARTED')
      expect(await suspects()).toContain(taskId)
    })

    it('fails in the end, whatever the reason was', async () => {
      const agent = await seedAgent(test.db)
      const { taskId } = await newAcceptor().accept(trigger(agent))
      await test.db.pool.query('update bellwire.tasks set crashes = 19 where id = $1', [taskId])
      await crash(taskId)
      expect(await createTaskStatuses(test.db).read(taskId)).toMatchObject({
        state: 'FAILURE',
        error: { code: 'worker_lost' },
      })
    })
  })

  it('lets the first of cancel and end win', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { taskId, task } = await claimed()
      const settler = createSettler({ db: test.db, signals })
      const [cancelled, ended] = await Promise.all([
        cancelTask({ db: test.db, signals }, taskId),
        settler.end(task, { kind: 'succeeded', result, usage }),
      ])
      expect(cancelled.changed).toBe(!ended)
      expect((await createTaskStatuses(test.db).read(taskId))?.state).toBe(ended ? 'SUCCESS' : 'CANCELLED')
      expect(await count('bellwire.queue where task_id = $1', [taskId])).toBe(0)
    }
  })
})

describe('what else can happen to a task', () => {
  it('goes back into the queue for a retry, with its time and reason', async () => {
    const agent = await seedAgent(test.db)
    const { taskId } = await newAcceptor().accept(trigger(agent))
    const worker = await newWorker()
    const task = (await claimAll(worker)).tasks.find((one) => one.taskId === taskId)
    if (!task) throw new Error('the task was not claimed')
    const settler = createSettler({ db: test.db, signals })
    const error = { code: 'provider_unavailable', message: 'away' }
    expect(await settler.requeue(task, { kind: 'retry', error, delayMs: 400 })).toBe(true)
    expect((await claimAll(worker)).tasks.map((one) => one.taskId)).not.toContain(taskId)
    const again = await waitFor(async () =>
      (await claimAll(worker)).tasks.find((one) => one.taskId === taskId),
    )
    expect(again).toMatchObject({ attempt: 2, failures: 1 })
    const { transitions } = await readTask(test.db, taskId)
    expect(transitions[1]).toMatchObject({ reason: 'retry', error, state: 'STARTED' })
  })

  it('is cancelled while it waits, and its job with it', async () => {
    const agent = await seedAgent(test.db)
    const { taskId } = await newAcceptor().accept(trigger(agent))
    expect(await cancelTask({ db: test.db, signals }, taskId)).toEqual({
      state: 'CANCELLED',
      changed: true,
    })
    expect(await cancelTask({ db: test.db, signals }, taskId)).toEqual({
      state: 'CANCELLED',
      changed: false,
    })
    expect((await claimAll(await newWorker())).tasks.map((task) => task.taskId)).not.toContain(taskId)
  })

  it('gets a job again when it has lost it', async () => {
    const agent = await seedAgent(test.db)
    const { taskId } = await newAcceptor().accept(trigger(agent))
    await test.db.pool.query('delete from bellwire.queue where task_id = $1', [taskId])
    expect(await sweep({ db: test.db, signals })).toBe(1)
    expect(await sweep({ db: test.db, signals })).toBe(0)
    expect((await claimAll(await newWorker())).tasks.map((task) => task.taskId)).toContain(taskId)
  })

  it('wakes whoever waits for its end', async () => {
    const agent = await seedAgent(test.db)
    const { taskId } = await newAcceptor().accept(trigger(agent))
    const taskFeed = await createTaskFeed({ db: test.db, signals })
    try {
      const waiting = waitForEnd({ statuses: createTaskStatuses(test.db), taskFeed }, taskId, 20_000)
      const started = performance.now()
      await cancelTask({ db: test.db, signals }, taskId)
      expect(await waiting).toMatchObject({ state: 'CANCELLED' })
      expect(performance.now() - started).toBeLessThan(2_000)
      expect(
        await waitForEnd({ statuses: createTaskStatuses(test.db), taskFeed }, taskId, 20_000),
      ).toMatchObject({ state: 'CANCELLED' })
      expect(
        await waitForEnd({ statuses: createTaskStatuses(test.db), taskFeed }, 'nonsense', 20_000),
      ).toBeUndefined()
    } finally {
      taskFeed.stop()
    }
  })

  it('is listed newest first, page by page', async () => {
    const agent = await seedAgent(test.db)
    const acceptor = newAcceptor()
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) ids.unshift((await acceptor.accept(trigger(agent))).taskId)
    const first = await listTasks(test.db, { agentId: agent.agentId, limit: 3 })
    const second = await listTasks(test.db, {
      agentId: agent.agentId,
      limit: 3,
      after: first.next ?? undefined,
    })
    expect([...first.items, ...second.items].map((task) => task.id).toSorted()).toEqual(ids.toSorted())
    expect(second.next).toBeNull()
    expect(
      (await listTasks(test.db, { agentId: agent.agentId, states: ['SUCCESS'], limit: 3 })).items,
    ).toEqual([])
  })
})
