import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { seedAgent } from '../../test/harness/seed.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import type { RunInput, RunOutcome } from '../agent/runInput.ts'
import { RunFailure } from '../agent/runFailure.ts'
import { createSignals, type Signals } from '../db/signals.ts'
import { newId } from '../db/id.ts'
import { createFairRanks } from '../queue/fairRank.ts'
import { PRESSURE_CHANNEL } from '../queue/pressure.ts'
import { createAcceptor, type Acceptor } from '../tasks/accept.ts'
import type { Trigger } from '../tasks/trigger.ts'
import { cancelTask } from '../tasks/cancel.ts'
import { readTask } from '../tasks/views/queries.ts'
import { createTaskStatuses } from '../tasks/views/statuses.ts'
import { STARTS_PER_SECOND, TOGETHER } from './startLimit.ts'
import { startWorker, type Worker } from './worker.ts'

const log = pino({ level: 'silent' })
const usage = {
  model_calls: 1,
  input_tokens: 1,
  cached_input_tokens: 0,
  output_tokens: 1,
  reasoning_tokens: 0,
  cost_usd: null,
}
const done: RunOutcome = { result: { answer: 'ok', sources: [], tool_calls: [], thought: '' }, usage }

let test: TestDatabase
let signals: Signals
let acceptor: Acceptor
const workers: Worker[] = []

beforeEach(async () => {
  test = await createTestDatabase()
  signals = createSignals(test.db, test.url, { name: 'test', onError: () => {} })
  acceptor = createAcceptor({ db: test.db, ranks: createFairRanks(), signals })
})

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await signals.stop()
  await test.drop()
})

async function start(
  run: (input: RunInput) => Promise<RunOutcome>,
  options: { concurrency?: number; grace?: number } = {},
) {
  const worker = await startWorker({
    priceOf: () => Promise.resolve(undefined),
    db: test.db,
    url: test.url,
    signals,
    run,
    concurrency: options.concurrency ?? 10,
    leaseSeconds: 15,
    graceSeconds: options.grace ?? 0,
    log,
  })
  workers.push(worker)
  return worker
}

function accept(agent: { agentId: string; tokenHash: Buffer }, more: Partial<Trigger> = {}): Promise<string> {
  return acceptor
    .accept({
      agentId: agent.agentId,
      tokenHash: agent.tokenHash,
      origin: 'webhook',
      payload: Buffer.from('{"n":1}'),
      request: '{"method":"POST","headers":{},"query":{}}',
      interactive: false,
      streamed: false,
      ...more,
    })
    .then(({ taskId }) => taskId)
}

async function stateOf(taskId: string) {
  return (await createTaskStatuses(test.db).read(taskId))?.state
}

/** A run that lasts until it is told to end, or is stopped. */
function heldRun() {
  const held = new Map<string, () => void>()
  const run = (input: RunInput): Promise<RunOutcome> =>
    new Promise((resolve, reject) => {
      const end = (): void => void held.delete(input.task.id)
      held.set(input.task.id, () => (end(), resolve(done)))
      input.signal.addEventListener('abort', () => (end(), reject(input.signal.reason)))
    })
  return { run, held }
}

describe('a worker', () => {
  it('runs what waits and what comes, with the payload as it was', async () => {
    const agent = await seedAgent(test.db)
    const before = await accept(agent)
    const seen: unknown[] = []
    await start(async (input) => {
      seen.push(input.payload)
      return done
    })
    const after = await accept(agent, { payload: Buffer.from('"\\u0000"') })
    await waitFor(async () => (await stateOf(before)) === 'SUCCESS' && (await stateOf(after)) === 'SUCCESS')
    expect(seen).toHaveLength(2)
    expect(seen).toEqual(expect.arrayContaining(['\0', { n: 1 }]))
  })

  it('tries a passing failure again, and counts it', async () => {
    const agent = await seedAgent(test.db, { retry: { max_attempts: 2 } })
    let calls = 0
    await start(() => {
      calls += 1
      throw new RunFailure('provider_unavailable', 'The provider is away.', { retryable: true })
    })
    const taskId = await accept(agent)
    await waitFor(async () => (await stateOf(taskId)) === 'FAILURE')
    expect(calls).toBe(2)
    const { task, transitions } = await readTask(test.db, taskId)
    expect(task).toMatchObject({ attempt: 2, error: { code: 'provider_unavailable' } })
    expect(transitions.map(({ reason }) => reason)).toEqual(['claimed', 'retry', 'claimed', 'failed'])
  })

  it('fails at once on what does not pass', async () => {
    const agent = await seedAgent(test.db)
    await start(() => {
      throw new RunFailure('provider_auth', 'The key is refused.')
    })
    const taskId = await accept(agent)
    await waitFor(async () => (await stateOf(taskId)) === 'FAILURE')
    expect((await readTask(test.db, taskId)).task.attempt).toBe(1)
  })

  it('hands back what it holds without running it, as after a claim whose answer was lost', async () => {
    const agent = await seedAgent(test.db)
    const { run, held } = heldRun()
    const worker = await start(run)
    const { rows } = await test.db.pool.query<{ id: number }>(
      'select max(id)::float8 as id from bellwire.workers',
    )
    const taskId = newId()
    await test.db.pool.query(
      `insert into bellwire.tasks (id, agent_id, revision, origin, payload, request, state, attempt, worker_id, started_at)
        values ($1, $2, 1, 'webhook', '{}', '{}', 'STARTED', 1, $3, now())`,
      [taskId, agent.agentId, rows[0]?.id],
    )
    await waitFor(() => held.has(taskId))
    held.get(taskId)?.()
    await waitFor(async () => (await stateOf(taskId)) === 'SUCCESS')
    const { transitions } = await readTask(test.db, taskId)
    expect(transitions.map(({ reason }) => reason)).toEqual(['handed_back', 'claimed', 'succeeded'])
    await worker.stop()
  })

  it('stops a run whose task it does not hold any more, although no command reached it', async () => {
    const agent = await seedAgent(test.db)
    const { run, held } = heldRun()
    await start(run)
    const taskId = await accept(agent)
    await waitFor(() => held.has(taskId))
    await test.db.pool.query(
      `update bellwire.tasks set state = 'CANCELLED', worker_id = null, finished_at = now() where id = $1`,
      [taskId],
    )
    await waitFor(() => !held.has(taskId))
  })

  it('starts a limited number of runs while accepting lacks processor time, and all of them in the end', async () => {
    const agent = await seedAgent(test.db)
    const starts: number[] = []
    const worker = await start(
      async () => {
        starts.push(performance.now())
        return done
      },
      { concurrency: 100 },
    )
    const first = await accept(agent)
    await waitFor(async () => (await stateOf(first)) === 'SUCCESS')
    const press = () => signals.publish(PRESSURE_CHANNEL, '')
    const pressing = setInterval(press, 50)
    press()
    // The message has been delivered when a later one has arrived as well.
    let delivered = 0
    const off = await signals.subscribe(PRESSURE_CHANNEL, { onMessage: () => (delivered += 1) })
    await waitFor(() => delivered >= 2)
    starts.length = 0
    await Promise.all(Array.from({ length: 400 }, () => accept(agent)))
    await waitFor(() => starts.length === 400)
    const elapsedMs = (starts.at(-1) ?? 0) - (starts[0] ?? 0)
    // The first group starts at once.
    expect(elapsedMs).toBeGreaterThan(((400 - 2 * TOGETHER) / STARTS_PER_SECOND) * 1_000)
    clearInterval(pressing)
    off()
    await worker.stop()
  })

  it('counts the time of a run in durations, whatever its own clock says', async () => {
    const agent = await seedAgent(test.db)
    const now = Date.now
    let deadline = 0
    try {
      Date.now = () => now() + 600_000
      await start(async (input) => {
        deadline = input.deadline - Date.now()
        return done
      })
      const taskId = await accept(agent)
      await waitFor(async () => (await stateOf(taskId)) === 'SUCCESS', { deadlineMs: 610_000 })
    } finally {
      Date.now = now
    }
    expect(deadline).toBeGreaterThan(0)
  })

  it('stops a run that is cancelled', async () => {
    const agent = await seedAgent(test.db)
    const { run, held } = heldRun()
    await start(run)
    const taskId = await accept(agent)
    await waitFor(() => held.has(taskId))
    await cancelTask({ db: test.db, signals }, taskId)
    await waitFor(() => !held.has(taskId))
    expect(await stateOf(taskId)).toBe('CANCELLED')
  })

  it('hands back what runs when it is stopped, twice safely, and another goes on', async () => {
    const agent = await seedAgent(test.db)
    const { run, held } = heldRun()
    const first = await start(run)
    const taskId = await accept(agent)
    await waitFor(() => held.has(taskId))
    await Promise.all([first.stop(), first.stop()])
    expect(await first.ended).toBeUndefined()
    expect(await stateOf(taskId)).toBe('STARTED')
    await start(async () => done)
    await waitFor(async () => (await stateOf(taskId)) === 'SUCCESS')
    const { task, transitions } = await readTask(test.db, taskId)
    expect(task).toMatchObject({ attempt: 2, failures: 0, crashes: 0 })
    expect(transitions.map(({ reason }) => reason)).toEqual([
      'claimed',
      'handed_back',
      'claimed',
      'succeeded',
    ])
  })

  it('stops its runs when its session is lost, and another takes them over', async () => {
    const agent = await seedAgent(test.db)
    const { run, held } = heldRun()
    const first = await start(run)
    const taskId = await accept(agent)
    await waitFor(() => held.has(taskId))
    await test.db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'bellwire worker session' and datname = current_database()`,
    )
    expect(await first.ended).toBeInstanceOf(Error)
    await waitFor(() => !held.has(taskId))
    await start(async () => done)
    await waitFor(async () => (await stateOf(taskId)) === 'SUCCESS')
    expect((await readTask(test.db, taskId)).transitions.map(({ reason }) => reason)).toEqual([
      'claimed',
      'worker_lost',
      'claimed',
      'succeeded',
    ])
  })
})

describe('a worker that loses its session while it stops', () => {
  const loseSession = () =>
    test.db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'bellwire worker session' and datname = current_database()`,
    )

  it('stops its runs before the grace period ends', async () => {
    const agent = await seedAgent(test.db)
    const { run, held } = heldRun()
    const worker = await start(run, { grace: 3_600 })
    const taskId = await accept(agent)
    await waitFor(() => held.has(taskId))
    const stopped = worker.stop()
    await loseSession()
    await stopped
    expect(held.size).toBe(0)
    await start(async () => done)
    await waitFor(async () => (await stateOf(taskId)) === 'SUCCESS')
  })

  it('stops trying to write the results of stopped runs', async () => {
    const agent = await seedAgent(test.db)
    const { run, held } = heldRun()
    const worker = await start(run)
    const taskId = await accept(agent)
    await waitFor(() => held.has(taskId))
    // Every attempt to hand the task back fails as when the database is away.
    await test.db.pool.query(`
      create sequence refused;
      create function refuse() returns trigger language plpgsql as
        $$begin perform nextval('refused'); raise exception 'away' using errcode = '57P03'; end$$;
      create trigger refuse before update on bellwire.tasks for each row
        when (old.worker_id is not null and new.worker_id is null) execute function refuse()`)
    const stopped = worker.stop()
    await waitFor(async () => {
      const { rows } = await test.db.pool.query<{ last: number }>(
        'select last_value::int as last from refused',
      )
      return (rows[0]?.last ?? 0) > 1
    })
    await loseSession()
    await stopped
  })
})

describe('fair shares', () => {
  it('start the first task of another agent, and interactive ones, although long runs fill the rest', async () => {
    const [busy, quiet] = [await seedAgent(test.db), await seedAgent(test.db)]
    const { run, held } = heldRun()
    await start(run, { concurrency: 10 })
    const ids = await Promise.all(Array.from({ length: 200 }, () => accept(busy)))
    await waitFor(() => held.size >= 8)
    const started = performance.now()
    const first = await accept(quiet)
    await waitFor(() => held.has(first), { everyMs: 5 })
    expect(performance.now() - started).toBeLessThan(1_000)

    const asked = performance.now()
    const question = await accept(busy, { interactive: true })
    await waitFor(() => held.has(question), { everyMs: 5 })
    expect(performance.now() - asked).toBeLessThan(1_000)
    expect(ids.filter((id) => held.has(id)).length).toBeLessThanOrEqual(8)
  })

  it('bring the first task of another agent past 5,000 waiting ones', async () => {
    const [busy, quiet] = [await seedAgent(test.db), await seedAgent(test.db)]
    await Promise.all(Array.from({ length: 5_000 }, () => accept(busy).catch(() => accept(busy))))
    await start(
      () =>
        new Promise((resolve) => {
          setTimeout(() => resolve(done), 20)
        }),
    )
    const succeeded = async (): Promise<number> => {
      const { rows } = await test.db.pool.query<{ count: string }>(
        `select count(*) from bellwire.tasks where agent_id = $1 and state = 'SUCCESS'`,
        [busy.agentId],
      )
      return Number(rows[0]?.count)
    }
    await waitFor(async () => (await succeeded()) > 20)
    const before = await succeeded()
    const taskId = await accept(quiet)
    await waitFor(async () => (await stateOf(taskId)) === 'SUCCESS', { everyMs: 5 })
    // Ten slots with runs of 20 ms end at most 500 a second.
    expect((await succeeded()) - before).toBeLessThan(500)
  })
})
