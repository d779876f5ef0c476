import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { seedAgent } from '../../../test/harness/seed.ts'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { AgentConfig } from '../../contract/agent.ts'
import { createSignals, type Signals } from '../../db/signals.ts'
import { createFairRanks } from '../../queue/fairRank.ts'
import { createAcceptor } from '../accept.ts'
import { listApprovals, readApprovals, readDecisions } from './approvals.ts'
import { attemptsOf } from '../views/attempts.ts'
import { cancelTask } from '../cancel.ts'
import { promote } from '../promote.ts'
import { claimTasks, readRevision, type ClaimedTask } from '../claim.ts'
import { decideApproval, type PersonsDecision } from './decideApproval.ts'
import { sweep } from '../recover.ts'
import type { Pause } from './pause.ts'
import { readEvents } from '../follow/taskEvents.ts'
import { readTask } from '../views/queries.ts'
import { createTaskStatuses } from '../views/statuses.ts'
import { createSettler, type Settler } from '../settle.ts'

let test: TestDatabase
let signals: Signals
let settler: Settler
let workerId: number
const fail = (error: Error): void => {
  throw error
}

beforeAll(async () => {
  test = await createTestDatabase()
  signals = createSignals(test.db, test.url, { name: 'test', onError: fail })
  settler = createSettler({ db: test.db, signals })
  const { rows } = await test.db.pool.query<{ id: number }>(
    `insert into bellwire.workers (name) values ('test:0') returning id::float8 as id`,
  )
  workerId = rows[0]?.id ?? 0
})

afterAll(async () => {
  await signals?.stop()
  await test?.drop()
})

const parts = () => ({ db: test.db, signals })
const approve: PersonsDecision = { state: 'approved', decidedBy: undefined, via: 'console' }
const deny: PersonsDecision = { state: 'denied', reason: 'no', decidedBy: undefined, via: 'console' }
const usage = {
  model_calls: 1,
  input_tokens: 1,
  cached_input_tokens: 0,
  output_tokens: 1,
  reasoning_tokens: 0,
  cost_usd: null,
}
const success = {
  kind: 'succeeded' as const,
  result: { answer: 'yes', sources: [], tool_calls: [], thought: '' },
  usage,
}

async function accept(agent: { agentId: string; tokenHash: Buffer }): Promise<string> {
  const acceptor = createAcceptor({ ...parts(), ranks: createFairRanks() })
  const { taskId } = await acceptor.accept({
    agentId: agent.agentId,
    tokenHash: agent.tokenHash,
    origin: 'webhook',
    payload: Buffer.from('{}'),
    request: '{"method":"POST","headers":{},"query":{}}',
    interactive: false,
    streamed: false,
  })
  return taskId
}

async function claim(taskId: string): Promise<ClaimedTask | undefined> {
  await promote(parts())
  const { tasks } = await claimTasks(test.db, { workerId, limit: 100 })
  return tasks.find((task) => task.taskId === taskId)
}

function pauseOf(count: number, timeoutSeconds: number): Pause {
  return {
    timeoutSeconds,
    requests: Array.from({ length: count }, (_, index) => ({
      key: `tool/0/pay/${index}`,
      tool: 'pay',
      access: 'write' as const,
      step: 0,
      arguments: { sum: index },
      parameters: { type: 'object' },
    })),
  }
}

/** A task that waits for so many decisions. */
async function waiting({ approvals = 1, timeoutSeconds = 3600 } = {}) {
  const agent = await seedAgent(test.db)
  const taskId = await accept(agent)
  const task = await claim(taskId)
  if (!task) throw new Error('the task was not claimed')
  expect(await settler.pause(task, pauseOf(approvals, timeoutSeconds))).toBe(true)
  const ids = (await readApprovals(test.db, taskId)).map(({ id }) => id)
  expect(ids).toHaveLength(approvals)
  return { agent, taskId, task, ids, id: ids[0] ?? '' }
}

async function stateOf(taskId: string) {
  return (await createTaskStatuses(test.db).read(taskId))?.state
}

async function jobs(taskId: string): Promise<number> {
  const { rows } = await test.db.pool.query<{ count: number }>(
    `select count(*)::int as count from bellwire.queue where task_id = $1`,
    [taskId],
  )
  return rows[0]?.count ?? 0
}

async function loseJob(taskId: string): Promise<void> {
  await test.db.pool.query('delete from bellwire.queue where task_id = $1', [taskId])
}

async function reasons(taskId: string): Promise<string[]> {
  return (await readTask(test.db, taskId)).transitions.map(({ reason }) => reason)
}

describe('a task that waits', () => {
  it('is held by nobody, and its one job is not due before the time is up', async () => {
    const { taskId, task } = await waiting()
    const { rows } = await test.db.pool.query(
      'select state, worker_id, waiting_since is not null as waits from bellwire.tasks where id = $1',
      [taskId],
    )
    expect(rows[0]).toEqual({ state: 'WAITING', worker_id: null, waits: true })
    expect(await jobs(taskId)).toBe(1)
    expect(await claim(taskId)).toBeUndefined()
    expect(await settler.end(task, success)).toBe(false)
    expect(await stateOf(taskId)).toBe('WAITING')
    const { transitions } = await readTask(test.db, taskId)
    expect(attemptsOf(transitions)).toMatchObject([{ attempt: 1, outcome: 'paused' }])
  })

  it('is not put there by a worker that does not hold it any more', async () => {
    const agent = await seedAgent(test.db)
    const taskId = await accept(agent)
    const task = await claim(taskId)
    if (!task) throw new Error('the task was not claimed')
    expect(await settler.requeue(task, { kind: 'handed_back' })).toBe(true)
    expect(await settler.pause(task, pauseOf(1, 60))).toBe(false)
    expect(await readApprovals(test.db, taskId)).toEqual([])
    expect(await stateOf(taskId)).toBe('STARTED')
    expect(await jobs(taskId)).toBe(1)
  })

  it('goes on after the last decision, and its deadline with it', async () => {
    const { taskId, ids } = await waiting({ approvals: 2 })
    await test.db.pool.query(
      `update bellwire.tasks set waiting_since = now() - interval '5 hours' where id = $1`,
      [taskId],
    )
    const [first = '', second = ''] = ids
    expect(await decideApproval(parts(), second, deny)).toMatchObject({ changed: true })
    expect(await stateOf(taskId)).toBe('WAITING')
    expect(await claim(taskId)).toBeUndefined()

    const edited: PersonsDecision = { ...approve, state: 'approved', editedArguments: { sum: 7 } }
    const { approval } = await decideApproval(parts(), first, edited)
    expect(approval).toMatchObject({ state: 'approved', edited_arguments: { sum: 7 }, arguments: { sum: 0 } })
    expect(await stateOf(taskId)).toBe('STARTED')
    expect(await jobs(taskId)).toBe(1)
    const task = await claim(taskId)
    expect(task).toMatchObject({ attempt: 2, failures: 0 })
    expect(task?.waitedMs).toBeGreaterThan(5 * 3_600_000)
    expect(task?.waitedMs).toBeLessThan(5 * 3_600_000 + 60_000)
    expect(await readDecisions(test.db, taskId)).toEqual(
      new Map<string, unknown>([
        ['tool/0/pay/0', { state: 'approved', editedArguments: { sum: 7 } }],
        ['tool/0/pay/1', { state: 'denied', reason: 'no' }],
      ]),
    )
    expect(await reasons(taskId)).toEqual(['claimed', 'approval_requested', 'approval_decided', 'claimed'])
  })

  it('tells its story in events with numbers of their own, each approval as it stands', async () => {
    const { taskId, ids } = await waiting({ approvals: 2 })
    const before = await readEvents(test.db, taskId, 0)
    expect(before.map(({ id, type, data }) => [id, type, data['state']])).toEqual([
      [1, 'state', 'PENDING'],
      [2, 'state', 'STARTED'],
      [3, 'state', 'WAITING'],
      [4, 'approval', 'waiting'],
      [5, 'approval', 'waiting'],
    ])
    for (const id of ids) await decideApproval(parts(), id, approve)
    const after = await readEvents(test.db, taskId, 5)
    expect(after.map(({ id, type, data }) => [id, type, data['state']])).toEqual([
      [6, 'approval', 'approved'],
      [7, 'approval', 'approved'],
      [8, 'state', 'STARTED'],
    ])
  })

  it('can wait again', async () => {
    const { taskId, id } = await waiting()
    await decideApproval(parts(), id, approve)
    const task = await claim(taskId)
    if (!task) throw new Error('the task was not claimed')
    const { timeoutSeconds, requests } = pauseOf(1, 60)
    const again = requests.map((request) => ({ ...request, key: 'tool/1/pay/0', step: 1 }))
    expect(await settler.pause(task, { timeoutSeconds, requests: again })).toBe(true)
    const [, second] = await readApprovals(test.db, taskId)
    await decideApproval(parts(), second?.id ?? '', deny)
    const third = await claim(taskId)
    expect(third?.attempt).toBe(3)
    expect(third && (await settler.end(third, success))).toBe(true)
  })

  it('can be cancelled: its job and its approvals go with it', async () => {
    const { taskId, id } = await waiting()
    expect(await cancelTask(parts(), taskId)).toEqual({ state: 'CANCELLED', changed: true })
    expect(await jobs(taskId)).toBe(0)
    expect(await decideApproval(parts(), id, approve)).toMatchObject({
      changed: false,
      approval: { state: 'cancelled' },
    })
    expect(await stateOf(taskId)).toBe('CANCELLED')
    expect(await jobs(taskId)).toBe(0)
  })
})

describe('when nobody decides', () => {
  it('the calls are expired, and the task goes on', async () => {
    const { taskId, ids, id } = await waiting({ approvals: 3, timeoutSeconds: 0.3 })
    await decideApproval(parts(), id, approve)
    const task = await waitFor(() => claim(taskId))
    expect(task.attempt).toBe(2)
    expect((await readApprovals(test.db, taskId)).map(({ state }) => state)).toEqual([
      'approved',
      'expired',
      'expired',
    ])
    expect(await decideApproval(parts(), ids[1] ?? '', approve)).toMatchObject({
      changed: false,
      approval: { state: 'expired', decided_at: expect.any(Date) },
    })
    expect(await reasons(taskId)).toEqual(['claimed', 'approval_requested', 'approval_expired', 'claimed'])
    const numbers = (await readEvents(test.db, taskId, 0)).map((event) => event.id)
    expect(numbers).toEqual([...new Set(numbers)])
    expect(numbers.at(-1)).toBe((await readTask(test.db, taskId)).lastEvent)
    expect(await settler.end(task, success)).toBe(true)
  })

  it('they are expired from that moment on, although no worker has come by', async () => {
    const { taskId, id } = await waiting({ timeoutSeconds: 0.05 })
    const approval = await waitFor(async () =>
      (await readApprovals(test.db, taskId)).find(({ state }) => state === 'expired'),
    )
    expect(approval.decided_at).toEqual(approval.expires_at)
    expect(await decideApproval(parts(), id, approve)).toMatchObject({ changed: false })
    expect(await stateOf(taskId)).toBe('WAITING')
    expect((await waitFor(() => claim(taskId))).attempt).toBe(2)
  })

  it('a task beyond the limit of its agent is queued again, not lost', async () => {
    const agent = await seedAgent(test.db, {
      limits: AgentConfig.shape.limits.parse({ max_concurrent_runs: 1 }),
    })
    const taskId = await accept(agent)
    const task = await claim(taskId)
    if (!task) throw new Error('the task was not claimed')
    await settler.pause(task, pauseOf(1, 0.05))
    const other = await accept(agent)
    const running = await claim(other)
    if (!running) throw new Error('the other task was not claimed')
    await waitFor(async () => {
      await claim(taskId)
      return (await stateOf(taskId)) === 'STARTED'
    })
    expect((await readTask(test.db, taskId)).task.attempt).toBe(1)
    expect(await settler.end(running, success)).toBe(true)
    expect((await waitFor(() => claim(taskId))).attempt).toBe(2)
    expect(await reasons(taskId)).toEqual(['claimed', 'approval_requested', 'approval_expired', 'claimed'])
  })
})

describe('races', () => {
  it('of many people about one call let exactly one decide', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { taskId, ids } = await waiting({ approvals: 2 })
      const outcomes = await Promise.all(
        ids.flatMap((id) =>
          Array.from({ length: 8 }, (_, index) => decideApproval(parts(), id, index % 2 ? approve : deny)),
        ),
      )
      for (const id of ids) {
        const about = outcomes.filter(({ approval }) => approval.id === id)
        expect(about.filter(({ changed }) => changed)).toHaveLength(1)
        expect(new Set(about.map(({ approval }) => approval.state)).size).toBe(1)
      }
      expect(await jobs(taskId)).toBe(1)
      expect((await claim(taskId))?.attempt).toBe(2)
    }
  })

  it('of a decision with the end of the time have one winner, and one wake-up', async () => {
    for (let round = 0; round < 12; round += 1) {
      const { taskId, id } = await waiting({ timeoutSeconds: 0.1 })
      let decided: Awaited<ReturnType<typeof decideApproval>> | undefined
      const deciding = (async () => {
        await waitFor(async () => {
          const { rows } = await test.db.pool.query(
            `select 1 from bellwire.approvals where id = $1 and expires_at - interval '10 ms' <= clock_timestamp()`,
            [id],
          )
          return rows.length > 0
        })
        decided = await decideApproval(parts(), id, approve)
      })()
      const task = await waitFor(() => claim(taskId), { everyMs: 1 })
      await deciding
      expect(task.attempt).toBe(2)
      const state = decided?.changed ? 'approved' : 'expired'
      expect((await readDecisions(test.db, taskId)).get('tool/0/pay/0')?.state).toBe(state)
      expect(await claim(taskId)).toBeUndefined()
      expect(await settler.end(task, success)).toBe(true)
    }
  })

  it('of the last decision with a cancellation leave no job behind', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { taskId, id } = await waiting()
      const [cancelled] = await Promise.all([
        cancelTask(parts(), taskId),
        decideApproval(parts(), id, approve),
      ])
      expect(cancelled).toEqual({ state: 'CANCELLED', changed: true })
      expect(await stateOf(taskId)).toBe('CANCELLED')
      expect(await jobs(taskId)).toBe(0)
      expect((await readApprovals(test.db, taskId))[0]?.state).toMatch(/^(approved|cancelled)$/)
    }
  })
})

it('a revision from before approvals reads with their defaults', async () => {
  const { agentId } = await seedAgent(test.db)
  await test.db.pool.query(
    `update bellwire.agent_revisions
      set config = (config::jsonb - 'approvals' - 'unverified_senders')::json where agent_id = $1`,
    [agentId],
  )
  expect(await readRevision(test.db, agentId, 1)).toMatchObject({
    approvals: { write_calls: 'never', timeout_seconds: 86_400 },
    unverified_senders: 'all_tools',
  })
})

describe('the sweep', () => {
  it('leaves tasks alone that wait', async () => {
    const { taskId } = await waiting()
    expect(await sweep(parts())).toBe(0)
    expect(await stateOf(taskId)).toBe('WAITING')
    expect(await jobs(taskId)).toBe(1)
  })

  it('gives a lost time-out back, for its time', async () => {
    const { taskId, id } = await waiting()
    await loseJob(taskId)
    expect(await sweep(parts())).toBe(1)
    expect(await sweep(parts())).toBe(0)
    expect(await jobs(taskId)).toBe(1)
    expect(await claim(taskId)).toBeUndefined()
    expect(await stateOf(taskId)).toBe('WAITING')
    expect(await decideApproval(parts(), id, approve)).toMatchObject({ changed: true })
    expect((await claim(taskId))?.attempt).toBe(2)
  })

  it('ends a wait whose time was up when the job was lost', async () => {
    const { taskId } = await waiting({ timeoutSeconds: 0.05 })
    await loseJob(taskId)
    expect(await sweep(parts())).toBe(1)
    expect((await waitFor(() => claim(taskId))).attempt).toBe(2)
    expect((await readApprovals(test.db, taskId))[0]?.state).toBe('expired')
  })

  it('and a decision work without the job, too', async () => {
    const { taskId, id } = await waiting()
    await loseJob(taskId)
    expect(await decideApproval(parts(), id, approve)).toMatchObject({ changed: true })
    expect((await claim(taskId))?.attempt).toBe(2)
  })
})

describe('the list', () => {
  it('has what waits and what is decided, newest first, page by page', async () => {
    const { agent, ids } = await waiting({ approvals: 3 })
    const { agentId } = agent
    const [first = '', second = '', third = ''] = ids
    await decideApproval(parts(), second, deny)
    const list = async (filter: object) => {
      const { items, next } = await listApprovals(test.db, { agentId, limit: 10, ...filter })
      return [items.map(({ id }) => id), next]
    }
    expect(await list({})).toEqual([[third, second, first], null])
    expect(await list({ state: 'waiting' })).toEqual([[third, first], null])
    expect(await list({ state: 'decided' })).toEqual([[second], null])
    expect(await list({ limit: 2 })).toEqual([[third, second], second])
    expect(await list({ limit: 2, after: second })).toEqual([[first], null])
  })
})
