import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { seedAgent } from '../../test/harness/seed.ts'
import { NO_USAGE, startTaskBench, type TaskBench } from '../../test/harness/taskBench.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { createProcessMemory, type ProcessMemory } from '../agent/processMemory.ts'
import type { RunInput, RunOutcome } from '../agent/runInput.ts'
import type { Step } from '../contract/step.ts'
import { cancelTask } from '../tasks/cancel.ts'
import { readTask } from '../tasks/views/queries.ts'
import { startWorker, type Worker } from './worker.ts'

const done: RunOutcome = {
  result: { answer: 'ok', sources: [], tool_calls: [], thought: '' },
  usage: NO_USAGE,
}

/** A payload of so many bytes. */
const payload = (bytes: number): Buffer => Buffer.from(JSON.stringify('x'.repeat(bytes - 2)))

let bench: TaskBench
let memory: ProcessMemory
let agent: Awaited<ReturnType<typeof seedAgent>>
let worker: Worker | undefined

beforeEach(async () => {
  bench = await startTaskBench()
  agent = await seedAgent(bench.test.db, { retry: { max_attempts: 2 } })
  // A million bytes: each counts four times.
  memory = createProcessMemory(4_000_000)
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await bench.stop()
})

async function start(run: (input: RunInput) => Promise<RunOutcome>): Promise<void> {
  worker = await startWorker({
    priceOf: () => Promise.resolve(undefined),
    db: bench.test.db,
    url: bench.test.url,
    signals: bench.signals,
    run,
    memory,
    concurrency: 10,
    leaseSeconds: 15,
    graceSeconds: 0,
    log: pino({ level: 'silent' }),
  })
}

async function ended(taskId: string) {
  return waitFor(async () => {
    const { task } = await readTask(bench.test.db, taskId)
    return task.finished_at && task
  })
}

it('lets large tasks wait for room, and runs one that is larger than all of it alone', async () => {
  const ids: string[] = []
  for (const size of [600_000, 600_000, 5_000_000, 600_000]) {
    ids.push(...(await bench.accept(agent, 1, { payload: payload(size) })))
  }
  let running = 0
  let left = ids.length
  const sizes: number[] = []
  await start(async ({ payload: text }) => {
    running += 1
    sizes.push(String(text).length + 2)
    // All others are claimed, and have not read their payloads.
    await waitFor(() => memory.waiting() === left - running, { what: 'the wait of the others' })
    running -= 1
    left -= 1
    return done
  })
  for (const id of ids) expect(await ended(id)).toMatchObject({ state: 'SUCCESS', attempt: 1 })
  expect(sizes.toSorted((a, b) => b - a)).toEqual([5_000_000, 600_000, 600_000, 600_000])
})

it('counts what a run keeps of its steps, and the steps of an earlier attempt', async () => {
  const [first = ''] = await bench.accept(agent)
  const end = Promise.withResolvers<void>()
  const step: Step = {
    key: 'tool/0/look/a',
    kind: 'tool',
    name: 'look',
    step: 0,
    state: 'done',
    input: {},
    output: { result: 'y'.repeat(999_000) },
    startedAt: new Date(),
    finishedAt: new Date(),
  }
  const begun: string[] = []
  await start(async ({ task, journal }) => {
    begun.push(task.id)
    if (task.id === first && !journal.find(step.key)) {
      await journal.finish(step)
      await end.promise
      throw new Error('once more')
    }
    return done
  })
  await waitFor(() => begun.length === 1)
  // Its step may still be on its way.
  await waitFor(async () => (await readTask(bench.test.db, first)).steps.length === 1)
  const [second = ''] = await bench.accept(agent, 1, { payload: payload(10_000) })
  await waitFor(() => memory.waiting() === 1)
  expect(begun).toEqual([first])
  end.resolve()
  await ended(second)
  const blocking = await memory.openRun(10_000, new AbortController().signal)
  await waitFor(() => memory.waiting() === 1, { what: 'the wait of the second attempt' })
  blocking.release()
  expect(await ended(first)).toMatchObject({ state: 'SUCCESS', attempt: 2 })
})

it('does not start a task that is cancelled while it waits', async () => {
  const blocking = await memory.openRun(1_000_000, new AbortController().signal)
  const begun: string[] = []
  await start(({ task }) => {
    begun.push(task.id)
    return Promise.resolve(done)
  })
  const [taskId = ''] = await bench.accept(agent, 1, { payload: payload(600_000) })
  await waitFor(() => memory.waiting() === 1)
  await cancelTask({ db: bench.test.db, signals: bench.signals }, taskId)
  await waitFor(() => memory.waiting() === 0)
  blocking.release()
  const [next = ''] = await bench.accept(agent)
  await ended(next)
  expect(begun).toEqual([next])
  expect(await ended(taskId)).toMatchObject({ state: 'CANCELLED' })
})
