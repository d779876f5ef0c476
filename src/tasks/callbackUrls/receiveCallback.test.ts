import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { createFairRanks } from '../../queue/fairRank.ts'
import { readDecisions } from '../approvals/approvals.ts'
import { readWaits } from '../approvals/waits.ts'
import { cancelTask } from '../cancel.ts'
import type { ClaimedTask } from '../claim.ts'
import { deleteTasks } from '../deleteTasks.ts'
import { readEvents } from '../follow/taskEvents.ts'
import { promote } from '../promote.ts'
import { sweep } from '../recover.ts'
import { createReplays } from '../replay/replays.ts'
import { readTask } from '../views/queries.ts'
import { createCallbackUrl, MAX_CALLBACK_URLS, readCallbackUrl } from './callbackUrls.ts'
import { receiveCallback, type CallOutcome, type IncomingCall } from './receiveCallback.ts'

let bench: TaskBench
let workerId: number

beforeAll(async () => {
  bench = await startTaskBench()
  workerId = await bench.newWorker()
})
afterAll(() => bench?.stop())

const parts = () => ({ db: bench.test.db, signals: bench.signals })

function callOf(value: unknown): IncomingCall {
  return {
    contentType: 'application/json',
    query: {},
    body: Buffer.from(JSON.stringify(value)),
  }
}

const call = (id: string, value: unknown): Promise<CallOutcome> => receiveCallback(parts(), id, callOf(value))

async function claim(taskId: string): Promise<ClaimedTask | undefined> {
  await promote(parts())
  return (await bench.claim(workerId, 100)).tasks.find((task) => task.taskId === taskId)
}

/** A running task with callback URLs. */
async function running(count = 1) {
  const [taskId = ''] = await bench.accept(await seedAgent(bench.test.db))
  const task = await claim(taskId)
  if (!task) throw new Error('the task was not claimed')
  const ids = Array.from({ length: count }, () => randomUUID())
  for (const id of ids) expect(await createCallbackUrl(bench.test.db, task, id)).toBe('created')
  return { taskId, task, ids, id: ids[0] ?? '' }
}

const keyOf = (id: string): string => `tool/1/wait_for_callback/${id}/callback`

function pause(task: ClaimedTask, ids: string[], timeoutSeconds = 3_600): Promise<boolean> {
  return bench.settler.pause(task, {
    timeoutSeconds: 'never',
    requests: ids.map((id) => ({
      key: keyOf(id),
      tool: 'wait_for_callback',
      access: 'read',
      step: 1,
      arguments: { id },
      parameters: {},
      callbackId: id,
      timeoutSeconds,
    })),
  })
}

async function stateOf(taskId: string) {
  return (await readTask(bench.test.db, taskId)).task.state
}

async function rowsInQueue(taskId: string): Promise<number> {
  const { rowCount } = await bench.test.db.pool.query('select 1 from bellwire.queue where task_id = $1', [
    taskId,
  ])
  return rowCount ?? 0
}

async function bodyOf(taskId: string, id: string): Promise<unknown> {
  const body = (await readCallbackUrl(bench.test.db, taskId, id))?.call?.body
  return body === undefined ? undefined : JSON.parse(body)
}

/** The numbers of the events of a task, which must be different, and end with its last. */
async function expectOrder(taskId: string): Promise<void> {
  const numbers = (await readEvents(bench.test.db, taskId, 0)).map(({ id }) => id)
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  expect(numbers.at(-1)).toBe((await readTask(bench.test.db, taskId)).lastEvent)
}

describe('a callback URL', () => {
  it('is made by the worker that holds the task, and again by the next one', async () => {
    const { taskId, task, id } = await running()
    expect(await bench.settler.requeue(task, { kind: 'handed_back' })).toBe(true)
    expect(await createCallbackUrl(bench.test.db, task, randomUUID())).toBe('lost')
    const next = await claim(taskId)
    expect(next && (await createCallbackUrl(bench.test.db, next, id))).toBe('created')
  })

  it('is one of a limited number for each task', async () => {
    const { task } = await running(MAX_CALLBACK_URLS)
    expect(await createCallbackUrl(bench.test.db, task, randomUUID())).toBe('full')
  })

  it('keeps a call that comes while nobody waits for it, through a retry', async () => {
    const { taskId, task, id } = await running()
    expect(await call(id, 1)).toMatchObject({ kind: 'received' })
    expect(await bench.settler.requeue(task, { kind: 'handed_back' })).toBe(true)
    const next = await claim(taskId)
    if (!next) throw new Error('the task was not claimed')
    expect(await pause(next, [id])).toBe(true)
    expect(await stateOf(taskId)).toBe('STARTED')
    expect((await claim(taskId))?.attempt).toBe(3)
    expect(await bodyOf(taskId, id)).toBe(1)
    const { transitions } = await readTask(bench.test.db, taskId)
    expect(transitions.map(({ reason }) => reason)).toEqual([
      'claimed',
      'handed_back',
      'claimed',
      'callback_received',
      'claimed',
    ])
    await expectOrder(taskId)
  })

  it('that was called is not waited for beside one that was not', async () => {
    const { taskId, task, ids } = await running(2)
    const [first = '', second = ''] = ids
    await call(first, 1)
    expect(await pause(task, ids)).toBe(true)
    expect(await readWaits(bench.test.db, taskId)).toMatchObject([{ kind: 'callback', id: second }])
    expect((await call(second, 2)).kind).toBe('received')
    expect((await claim(taskId))?.attempt).toBe(2)
    await expectOrder(taskId)
  })

  it('goes over to the task that continues the run, with what came', async () => {
    const { taskId, task, ids } = await running(2)
    const [first = '', second = ''] = ids
    expect(await pause(task, ids)).toBe(true)
    await call(first, 1)
    await cancelTask(parts(), taskId)
    expect((await call(second, 2)).kind).toBe('ended')
    const replays = createReplays({ ...parts(), ranks: createFairRanks(), checkModel: () => undefined })
    const replayed = await replays.replay(taskId, {
      revision: 'same',
      writes: 'continue',
      requestKey: undefined,
    })
    expect(await bodyOf(replayed.taskId, first)).toBe(1)
    expect((await call(first, 1)).kind).toBe('repeated')
    expect((await call(second, 2)).kind).toBe('received')
    expect(await bodyOf(replayed.taskId, second)).toBe(2)
    expect(await readCallbackUrl(bench.test.db, taskId, second)).toBeUndefined()
    await deleteTasks(bench.test.db, [taskId])
    expect((await call(second, 2)).kind).toBe('repeated')
  })

  it('has its wait given back when the queue has lost it', async () => {
    const { taskId, task, id } = await running()
    await pause(task, [id], 0.05)
    await bench.test.db.pool.query('delete from bellwire.queue where task_id = $1', [taskId])
    expect(await sweep(parts())).toBe(1)
    expect((await waitFor(() => claim(taskId))).attempt).toBe(2)
    expect((await readDecisions(bench.test.db, taskId)).get(keyOf(id))?.state).toBe('expired')
  })
})

describe('races', () => {
  it('of many calls have one winner, and one wake-up', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { taskId, task, id } = await running()
      const values = Array.from({ length: 12 }, (_, value) => value)
      const [paused, ...outcomes] = await Promise.all([
        pause(task, [id]),
        ...values.map((value) => call(id, value)),
      ])
      expect(paused).toBe(true)
      const won = values.filter((value) => outcomes[value]?.kind === 'received')
      expect(won).toHaveLength(1)
      expect(outcomes.filter(({ kind }) => kind === 'used')).toHaveLength(11)
      expect(await bodyOf(taskId, id)).toBe(won[0])
      expect(await rowsInQueue(taskId)).toBe(1)
      expect((await claim(taskId))?.attempt).toBe(2)
      expect(await claim(taskId)).toBeUndefined()
      await expectOrder(taskId)
    }
  })

  it('of a call with the start of the wait never lose the call', async () => {
    for (let round = 0; round < 30; round += 1) {
      const { taskId, task, id } = await running()
      const [paused, outcome] = await Promise.all([pause(task, [id]), call(id, round)])
      expect([paused, outcome.kind]).toEqual([true, 'received'])
      expect(await stateOf(taskId)).toBe('STARTED')
      expect((await claim(taskId))?.attempt).toBe(2)
      await expectOrder(taskId)
    }
  })

  it('of a call with the end of the time wake the task once, and keep what was acknowledged', async () => {
    for (let round = 0; round < 12; round += 1) {
      const { taskId, task, id } = await running()
      await pause(task, [id], 0.1)
      const calling = (async () => {
        await waitFor(
          async () => {
            const { rowCount } = await bench.test.db.pool.query(
              `select 1 from bellwire.approvals
                where callback_id = $1 and expires_at - interval '10 ms' <= clock_timestamp()`,
              [id],
            )
            return rowCount === 1
          },
          { everyMs: 1 },
        )
        return call(id, round)
      })()
      const next = await waitFor(() => claim(taskId), { everyMs: 1 })
      expect((await calling).kind).toBe('received')
      expect(next.attempt).toBe(2)
      expect(await bodyOf(taskId, id)).toBe(round)
      expect((await readDecisions(bench.test.db, taskId)).get(keyOf(id))?.state).toMatch(
        /^(approved|expired)$/,
      )
      expect(await claim(taskId)).toBeUndefined()
      await expectOrder(taskId)
    }
  })

  it('of a call with a cancellation leave nothing in the queue', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { taskId, task, id } = await running()
      await pause(task, [id])
      const [cancelled, outcome] = await Promise.all([cancelTask(parts(), taskId), call(id, 1)])
      expect(cancelled.changed).toBe(true)
      expect(outcome.kind).toMatch(/^(received|ended)$/)
      expect(await bodyOf(taskId, id)).toBe(outcome.kind === 'received' ? 1 : undefined)
      expect(await stateOf(taskId)).toBe('CANCELLED')
      expect(await rowsInQueue(taskId)).toBe(0)
    }
  })

  it('of two calls for two waits wake the task once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { taskId, task, ids } = await running(2)
      await pause(task, ids)
      const outcomes = await Promise.all(ids.map((id) => call(id, 1)))
      expect(outcomes.map(({ kind }) => kind)).toEqual(['received', 'received'])
      expect(await rowsInQueue(taskId)).toBe(1)
      expect((await claim(taskId))?.attempt).toBe(2)
      await expectOrder(taskId)
    }
  })
})
