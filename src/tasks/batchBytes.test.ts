import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { seedAgent } from '../../test/harness/seed.ts'
import { NO_USAGE, startTaskBench, type TaskBench } from '../../test/harness/taskBench.ts'
import type { ClaimedTask } from './claim.ts'

/** Bytes that one statement may hold, and a little for the other columns. */
const MAX_STATEMENT = 4 * 1024 * 1024 + 10_000

const TASKS = 12
const TEXT = 'x'.repeat(1_000_000)

let bench: TaskBench
let tasks: ClaimedTask[]

beforeAll(async () => {
  bench = await startTaskBench()
  await bench.accept(await seedAgent(bench.test.db), TASKS)
  tasks = (await bench.claim(await bench.newWorker())).tasks
})
afterAll(async () => bench?.stop())

/** The sizes of the statements of a name that some work makes. */
async function sizesOf(name: string, work: () => Promise<unknown>): Promise<number[]> {
  const query = vi.spyOn(bench.test.db.pool, 'query')
  try {
    await work()
    return query.mock.calls
      .map(([statement]: unknown[]) => statement)
      .filter((statement) => Reflect.get(Object(statement), 'name') === name)
      .map((statement) => JSON.stringify(Reflect.get(Object(statement), 'values')).length)
  } finally {
    query.mockRestore()
  }
}

function expectSeveral(sizes: number[]): void {
  expect(Math.max(...sizes)).toBeLessThan(MAX_STATEMENT)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(TASKS * TEXT.length)
  // And yet they share statements.
  expect(sizes.length).toBeLessThan(TASKS)
}

it('steps are written in statements of a limited size', async () => {
  const sizes = await sizesOf('steps_write', async () => {
    const written = tasks.map((task) => bench.modelCall(task, {}, { output: { text: TEXT } }))
    expect(await Promise.all(written)).toEqual(tasks.map(() => true))
  })
  expectSeveral(sizes)
})

it('inputs of steps are written in statements of a limited size', async () => {
  const sizes = await sizesOf('steps_write', async () => {
    const step = { key: 'tool/0', kind: 'tool' as const, input: { text: TEXT } }
    const written = tasks.map((task) => bench.modelCall(task, {}, step))
    expect(await Promise.all(written)).toEqual(tasks.map(() => true))
  })
  expectSeveral(sizes)
})

it('tasks end in statements of a limited size', async () => {
  const result = { answer: TEXT, sources: [], tool_calls: [], thought: '' }
  const sizes = await sizesOf('tasks_end', async () => {
    const ended = tasks.map((task) => bench.settler.end(task, { kind: 'succeeded', result, usage: NO_USAGE }))
    expect(await Promise.all(ended)).toEqual(tasks.map(() => true))
  })
  expectSeveral(sizes)
})
