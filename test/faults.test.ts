import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../src/db/database.ts'
import { createTestDatabase } from './harness/database.ts'
import {
  cutWrites,
  dropCommits,
  refuseWrites,
  type RefusedKind,
  type TransactionKind,
} from './harness/databaseFaults.ts'
import { startDatabaseProxy, type DatabaseProxy } from './harness/databaseProxy.ts'
import {
  allEnd,
  clerk,
  clerkReply,
  createAgent,
  expectNothingTwice,
  expectOpen,
  expectSuccess,
  questionOf,
  sendTriggers,
  trigger,
} from './harness/faultLoad.ts'
import { fail, hang, say, startModelServer, userText, type ModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'
import { supervise, type Supervised } from './chaos/supervised.ts'

const LEASE_SECONDS = 3
/** The most that one agent can have of a worker's ten slots: the others are reserved. */
const RUNS = 8
/** How soon everything has to end after a fault. */
const PATIENCE_MS = 25_000

let model: ModelServer
let tools: ToolServer
let proxy: DatabaseProxy
let databaseUrl: string
let db: Database
let stack: AsyncDisposableStack

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  const database = await createTestDatabase()
  stack.defer(database.drop)
  databaseUrl = database.url
  db = database.db
  proxy = await startDatabaseProxy(databaseUrl)
  stack.defer(proxy.stop)
  model = await startModelServer(({ body }) => clerkReply(body))
  stack.defer(model.stop)
  tools = await startToolServer()
  stack.defer(tools.stop)
})

afterEach(() => stack.disposeAsync())

function environment(url: string): Record<string, string> {
  return {
    DATABASE_URL: url,
    BELLWIRE_SECRET_KEY: 'a-secret-key-for-one-test',
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    BELLWIRE_WORKER_LEASE_SECONDS: String(LEASE_SECONDS),
    BELLWIRE_WORKER_CONCURRENCY: '10',
    BELLWIRE_SHUTDOWN_GRACE_SECONDS: '0',
    BELLWIRE_LOG_LEVEL: 'warn',
    LOCAL_MODEL_BASE_URL: model.url,
  }
}

/** The front door and its worker, both behind the proxy. */
async function startBehindProxy(): Promise<Program> {
  const program = await startProgram({ env: environment(proxy.url) })
  stack.defer(program.remove)
  return program
}

/** Only the front door, without the proxy. */
async function startFront(): Promise<Program> {
  const program = await startProgram({ command: 'api', env: environment(databaseUrl) })
  stack.defer(program.remove)
  return program
}

/** A separate worker, as if on another machine, that is restarted when it exits. */
function startWorker(url: string, { clockAheadMs = 0, graceSeconds = 0 } = {}): Supervised {
  const elsewhere = import.meta.resolve('./chaos/elsewhere.ts')
  const clock = `${import.meta.resolve('./harness/shiftedClock.ts')}?ms=${clockAheadMs}`
  const worker = supervise({
    command: 'worker',
    env: {
      ...environment(url),
      BELLWIRE_SHUTDOWN_GRACE_SECONDS: String(graceSeconds),
      NODE_OPTIONS: `--import=${elsewhere} --import=${clock}`,
    },
    pauseMs: () => 100,
    onLog: () => undefined,
  })
  stack.defer(worker.stop)
  return worker
}

/** Waits until this many calls are waiting for approval, and approves them; none of them was made before. */
async function approveAll(program: Program, count: number): Promise<void> {
  const waiting = await waitFor(
    async () => {
      const { body } = await program.api('GET', '/api/approvals?state=waiting&limit=100')
      return body.data.length === count && body.data
    },
    { deadlineMs: PATIENCE_MS, what: `${count} calls that wait for approval` },
  )
  expect(tools.requests).toEqual([])
  for (const { id } of waiting) {
    expect((await program.api('POST', `/api/approvals/${id}/approve`)).status).toBe(200)
  }
}

describe('the response to a commit is lost', () => {
  it.each<TransactionKind>(['accept', 'claim', 'step', 'settle'])(
    'of %s: every task ends once, with nothing done twice',
    async (kind) => {
      const program = await startBehindProxy()
      const url = await createAgent(program, clerk(tools))
      proxy.inject(dropCommits(kind, { every: 3 }))
      const ids = await sendTriggers(url, 60)
      const tasks = await allEnd(program, ids, PATIENCE_MS)
      proxy.inject(undefined)
      expect(proxy.cuts()).toBeGreaterThan(2)
      expectSuccess(tasks)
      expectNothingTwice(tasks, model, tools)
      await expectOpen(program, url)
      // The retry finds that the task has ended, through the write whose response was lost.
      if (kind === 'settle') expect(program.logged()).not.toContain('late result dropped')
    },
    60_000,
  )

  it('of pause: every task waits, is approved, and ends once', async () => {
    const program = await startBehindProxy()
    const url = await createAgent(program, clerk(tools, { approvals: { write_calls: 'always' } }))
    proxy.inject(dropCommits('pause', { every: 2 }))
    const ids = await sendTriggers(url, 12)
    expect(ids).toHaveLength(12)
    await approveAll(program, 12)
    proxy.inject(undefined)
    expect(proxy.cuts()).toBeGreaterThan(2)
    const tasks = await allEnd(program, ids, PATIENCE_MS)
    expectSuccess(tasks)
    expectNothingTwice(tasks, model, tools)
    expect(program.logged()).not.toContain('late result dropped')
  }, 60_000)
})

describe('the database refuses a write', () => {
  // A cancellation, a lock that was not free, an internal error: none of them is about the data.
  const codes = ['57014', '55P03', 'XX000']

  it.each<RefusedKind>(['settle', 'retry', 'pause'])(
    'of %s: every task ends, with nothing done twice',
    async (kind) => {
      const program = await startProgram({ env: environment(databaseUrl) })
      stack.defer(program.remove)
      const approvals = { write_calls: kind === 'pause' ? 'always' : 'never' }
      const url = await createAgent(program, clerk(tools, { approvals }))
      const refused = new Set<string>()
      model.handle(({ body }) => {
        const question = questionOf(userText(body))
        if (kind !== 'retry' || refused.has(question)) return clerkReply(body)
        refused.add(question)
        return fail(503)
      })
      const refusals = await refuseWrites(db, kind, { every: 5, codes })
      const ids = await sendTriggers(url, 20)
      if (kind === 'pause') await approveAll(program, 20)
      const tasks = await allEnd(program, ids, PATIENCE_MS)
      expect(await refusals.count()).toBeGreaterThan(2)
      expectSuccess(tasks, { failures: kind === 'retry' ? 1 : 0 })
      expectNothingTwice(tasks, model, tools, { failed: refused.size })
    },
    60_000,
  )
})

describe('connections are cut at random', () => {
  it.each([
    { percent: 2, count: 200, spare: undefined },
    // A worker whose heartbeats are lost as often could not stay alive.
    { percent: 20, count: 60, spare: /bellwire\.workers/ },
  ])(
    'after $percent of 100 writes: every task ends',
    async ({ percent, count, spare }) => {
      const program = await startBehindProxy()
      const url = await createAgent(program, clerk(tools))
      proxy.inject(cutWrites(percent, { seed: `cuts ${percent}`, ...(spare && { spare }) }))
      const ids = await sendTriggers(url, count)
      const tasks = await allEnd(program, ids, PATIENCE_MS)
      proxy.inject(undefined)
      expect(proxy.cuts()).toBeGreaterThan(2)
      expectSuccess(tasks)
      expectNothingTwice(tasks, model, tools)
      await expectOpen(program, url)
    },
    60_000,
  )
})

describe('a worker that misses its lease', () => {
  /** Tasks whose first model call hangs in one worker, next to a second worker. */
  async function startTwoWorkers(url: string, options: { graceSeconds?: number } = {}) {
    const program = await startFront()
    const agent = await createAgent(program, clerk(tools))
    const release = Promise.withResolvers<void>()
    const asked = new Set<string>()
    model.handle(async ({ body }) => {
      const question = questionOf(userText(body))
      if (!asked.has(question)) await (asked.add(question), release.promise)
      return clerkReply(body)
    })
    stack.defer(() => release.resolve())
    const worker = startWorker(url, options)
    const ids = await sendTriggers(agent, RUNS)
    const calls = await waitFor(() => model.requests.length === RUNS && [...model.requests], {
      what: 'runs that wait for the model',
    })
    startWorker(databaseUrl)
    await waitFor(() => hasWorkers(2), { what: 'a second worker' })
    const pid = worker.pid() ?? 0
    /** Waits until the worker has ended its calls of the model, as it must within its lease. */
    const callsEnd = () =>
      waitFor(() => calls.every(({ cut }) => cut.aborted), {
        deadlineMs: (LEASE_SECONDS + 1) * 1000,
        what: 'the end of every call of the model',
      })
    return { program, worker, pid, ids, calls, callsEnd, release: () => release.resolve() }
  }

  async function hasWorkers(count: number): Promise<boolean> {
    const { rowCount } = await db.pool.query('select 1 from bellwire.workers where ended_at is null')
    return rowCount === count
  }

  it('frozen: others take over its tasks, and after resuming it writes nothing', async () => {
    const { program, worker, pid, ids, calls, release } = await startTwoWorkers(databaseUrl)
    process.kill(pid, 'SIGSTOP')
    try {
      await waitFor(() => model.requests.length > calls.length, {
        deadlineMs: PATIENCE_MS,
        what: 'the other worker to go on',
      })
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    release()
    const tasks = await allEnd(program, ids, PATIENCE_MS)
    expectSuccess(tasks)
    expectNothingTwice(tasks, model, tools)
    await waitFor(() => worker.pid() !== pid, { what: 'the end of the worker that was frozen' })
  }, 60_000)

  it('cut off from the database: it stops its runs itself within the lease', async () => {
    const { program, worker, pid, ids, callsEnd } = await startTwoWorkers(proxy.url)
    proxy.freeze()
    await callsEnd()
    const tasks = await allEnd(program, ids, PATIENCE_MS)
    expectSuccess(tasks)
    expectNothingTwice(tasks, model, tools)
    proxy.thaw()
    await waitFor(() => worker.pid() !== pid, { what: 'the end of the worker that was cut off' })
  }, 60_000)

  it('cut off while it stops: it does not wait for the grace period', async () => {
    const { program, worker, pid, ids, callsEnd } = await startTwoWorkers(proxy.url, { graceSeconds: 600 })
    process.kill(pid, 'SIGTERM')
    proxy.freeze()
    await callsEnd()
    const tasks = await allEnd(program, ids, PATIENCE_MS)
    expectSuccess(tasks)
    expectNothingTwice(tasks, model, tools)
    proxy.thaw()
    await waitFor(() => worker.pid() !== pid, {
      deadlineMs: PATIENCE_MS,
      what: 'the end of the worker that was cut off',
    })
  }, 90_000)

  it('cut off when it has stopped its runs: it exits without the database', async () => {
    const { program, worker, pid, ids, callsEnd } = await startTwoWorkers(proxy.url)
    proxy.freeze()
    process.kill(pid, 'SIGTERM')
    await callsEnd()
    await waitFor(() => worker.pid() !== pid, {
      deadlineMs: 60_000,
      what: 'the end of the worker that was cut off',
    })
    const tasks = await allEnd(program, ids, PATIENCE_MS)
    expectSuccess(tasks)
    expectNothingTwice(tasks, model, tools)
  }, 120_000)
})

describe('the clock of the worker is ten minutes', () => {
  it.each([
    { how: 'ahead', clockAheadMs: 600_000 },
    { how: 'behind', clockAheadMs: -600_000 },
  ])(
    '$how: timeouts, retries and budgets stay correct',
    async ({ clockAheadMs }) => {
      const program = await startFront()
      startWorker(databaseUrl, { clockAheadMs })

      const url = await createAgent(program, clerk(tools))
      const ids = await sendTriggers(url, 10)
      expectSuccess(await allEnd(program, ids, PATIENCE_MS))

      const flaky = await createAgent(program, { name: 'Flaky', instructions: '-', model: 'local/flaky' })
      const endless = await createAgent(program, {
        name: 'Endless',
        instructions: '-',
        model: 'local/endless',
        limits: { timeout_seconds: 2 },
      })
      model.reset()
      model.handle(({ body }, index) => {
        if (body.model === 'endless') return hang()
        return body.model === 'flaky' && index === 0 ? fail(503) : say(`done: ${questionOf(userText(body))}`)
      })
      const [retried] = await allEnd(program, await sendTriggers(flaky, 1), 10_000)
      expectSuccess([retried], { failures: 1 })
      expect(retried).toMatchObject({ attempt: 2 })
      const [timedOut] = await allEnd(program, await sendTriggers(endless, 1), 10_000)
      expect(timedOut).toMatchObject({ state: 'FAILURE', error: { code: 'timed_out' }, attempt: 1 })
      expect(Date.parse(timedOut.finished_at) - Date.parse(timedOut.started_at)).toBeGreaterThan(1_900)

      const agent = await program.api('POST', '/api/agents', {
        name: 'Thrifty',
        instructions: '-',
        model: 'local/thrifty',
        budget: { max_tokens_per_day: 100 },
      })
      const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.body.id}`)
      const thrifty = String(webhook.webhook_url).replace('localhost', '127.0.0.1')
      model.handle(({ body }) =>
        say(`done: ${questionOf(userText(body))}`, { usage: { input: 60, output: 60 } }),
      )
      expectSuccess(await allEnd(program, await sendTriggers(thrifty, 1), 10_000))
      const held = (await trigger(thrifty, 1)) ?? ''
      await waitFor(async () => (await program.api('GET', `/api/tasks/${held}`)).body.held, {
        what: 'a task that the budget holds',
      })
      await program.api('PATCH', `/api/agents/${agent.body.id}`, { budget: null })
      expectSuccess(await allEnd(program, [held], 10_000))
    },
    60_000,
  )
})
