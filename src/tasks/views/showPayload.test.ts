import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { compareTasks } from './compareTasks.ts'
import { readTask } from './queries.ts'
import { MAX_SHOWN_PAYLOAD, readWholePayload } from './showPayload.ts'

let bench: TaskBench
let agent: Awaited<ReturnType<typeof seedAgent>>

beforeAll(async () => {
  bench = await startTaskBench()
  agent = await seedAgent(bench.test.db)
})

afterAll(() => bench.stop())

async function accept(json: string): Promise<string> {
  const [id = ''] = await bench.accept(agent, 1, { payload: Buffer.from(json) })
  return id
}

it('reads a short payload as it is', async () => {
  const longest = JSON.stringify('x'.repeat(MAX_SHOWN_PAYLOAD - 2))
  expect((await readTask(bench.test.db, await accept(longest))).payload).toBe(JSON.parse(longest))
})

it('reads no more than the beginning of a long payload, and all of it on request', async () => {
  const { db } = bench.test
  const numbers = `[${'1e5,'.repeat(5_000_000)}1]`
  const taskId = await accept(numbers)
  const before = process.threadCpuUsage()
  const { payload } = await readTask(db, taskId)
  const { user, system } = process.threadCpuUsage(before)
  expect(payload).toEqual({
    truncated: true,
    bytes: numbers.length,
    excerpt: numbers.slice(0, MAX_SHOWN_PAYLOAD),
  })
  // Parsing all of it takes ten seconds.
  expect((user + system) / 1_000).toBeLessThan(1_000)
  expect((await readWholePayload(db, taskId)).toString()).toBe(numbers)
  await expect(readWholePayload(db, agent.agentId)).rejects.toMatchObject({ code: 'task_not_found' })
})

it('cuts no character in two', async () => {
  for (const start of ['"', '"x', '"xx', '"xxx']) {
    const { payload } = await readTask(bench.test.db, await accept(`${start}${'😀'.repeat(20_000)}"`))
    expect(payload).toMatchObject({ truncated: true, excerpt: expect.stringMatching(/^"x{0,3}(?:😀)+$/u) })
  }
})

it('compares long payloads', async () => {
  const { db } = bench.test
  const long = JSON.stringify('x'.repeat(100_000))
  const [one, same, other] = [await accept(long), await accept(long), await accept(long.replace('x', 'y'))]
  expect((await compareTasks(db, one, same)).differs).not.toContain('payload')
  expect((await compareTasks(db, one, other)).differs).toContain('payload')
})
