import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { NO_USAGE, startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import type { ClaimedTask } from '../claim.ts'
import { createReadEvents, readEvents, type TaskEvent } from '../follow/taskEvents.ts'
import { readSteps, type StoredStep } from '../steps.ts'
import { compareTasks } from './compareTasks.ts'
import { partialResult } from './partialResult.ts'
import { readTask } from './queries.ts'
import { showValue } from './showStep.ts'
import { mapSteps } from './shownSteps.ts'

/** Characters of a screenshot, and how many the run took. */
const SHOT = 600_000
const SHOTS = 14

const KEY = 'sk-abcdefghijklmnop'

let bench: TaskBench
let task: ClaimedTask
let stored: StoredStep[]

beforeAll(async () => {
  bench = await startTaskBench()
  const agent = await seedAgent(bench.test.db)
  await bench.accept(agent)
  const worker = await bench.newWorker()
  const [claimed] = (await bench.claim(worker)).tasks
  if (!claimed) throw new Error('there is no task')
  task = claimed
  await bench.modelCall(task, {}, { input: { user: 'x'.repeat(90_000), continues: true } })
  const answer = { content: [{ type: 'text', text: `${'word '.repeat(20_000)}${KEY}` }] }
  await bench.modelCall(task, {}, { key: 'model/1', step: 1, output: answer })
  for (let at = 0; at < SHOTS; at += 1) {
    const input = { tool_call_id: `c${at}`, arguments: { at, text: 'é😀'.repeat(at === 0 ? 40_000 : 10) } }
    const output = { result: { at, id: 9007199254740993n.toString(), image: `${at}`.padEnd(SHOT, 'iVBOR') } }
    await bench.modelCall(task, {}, { key: `tool/${at}`, kind: 'tool', name: 'look', step: 2, input, output })
  }
  await bench.modelCall(task, {}, { key: 'tool/small', kind: 'tool', step: 2, output: { result: [KEY] } })
  stored = await readSteps(bench.test.db, task.taskId)
})
afterAll(async () => bench?.stop())

/** Does some work, and measures the rows of the largest answer of the database. */
async function largestAnswer<T>(work: () => Promise<T>): Promise<{ value: T; characters: number }> {
  const query = vi.spyOn(bench.test.db.pool, 'query')
  try {
    const value = await work()
    const answers = await Promise.all(query.mock.results.map((result) => result.value as Promise<unknown>))
    const sizes = answers.map((answer) => JSON.stringify((answer as { rows: unknown }).rows).length)
    return { value, characters: Math.max(...sizes) }
  } finally {
    query.mockRestore()
  }
}

describe('a run with large results is read', () => {
  it('for its page: as much of each step as is shown', async () => {
    const { value, characters } = await largestAnswer(() => readTask(bench.test.db, task.taskId))
    expect(characters).toBeLessThan((SHOTS + 4) * 71_000)
    expect(value.steps.map(({ input }) => input)).toEqual(stored.map(({ input }) => shown(input)))
    expect(value.steps.map(({ output }) => output)).toEqual(stored.map(({ output }) => shown(output)))
    expect(JSON.stringify(value.steps)).not.toContain(KEY)
  })

  it('for followers: at most a page of what is shown', async () => {
    const { value, characters } = await largestAnswer(() => readEvents(bench.test.db, task.taskId, 0))
    expect(characters).toBeLessThan(700_000)
    const steps = value.filter(({ type }) => type === 'step')
    expect(steps.map(({ data }) => data['key'])).toEqual(stored.map(({ key }) => key))
    expect(steps.map(({ data }) => data['input'])).toEqual(stored.map(({ input }) => shown(input)))
    expect(steps.map(({ data }) => data['output'])).toEqual(stored.map(({ output }) => shown(output)))
    expect(value.map(({ id }) => id)).toEqual(value.map(({ id }) => id).toSorted((a, b) => a - b))
    // The text of a model call is whole: it completes what was streamed.
    expect(steps[1]?.wrote).toMatchObject({ answer: `${'word '.repeat(20_000)}${KEY}`, continues: false })
    expect(steps[0]?.wrote).toMatchObject({ continues: true })
  })

  it('page by page, without end', async () => {
    const read = createReadEvents(bench.test.db)
    const seen: TaskEvent[] = []
    for (let more = true; more;) {
      const page = await read(task.taskId, seen.at(-1)?.id ?? 0)
      expect(page?.events.length).toBeGreaterThan(0)
      seen.push(...(page?.events ?? []))
      more = page?.more ?? false
    }
    expect(seen.filter(({ type }) => type === 'step')).toHaveLength(stored.length)
  })

  it('whole, a few steps at a time', async () => {
    const { value, characters } = await largestAnswer(() =>
      mapSteps(bench.test.db, task.taskId, ({ key, output }) => [key, JSON.stringify(output).length]),
    )
    expect(characters).toBeLessThan(6_000_000)
    expect(value).toEqual(stored.map(({ key, output }) => [key, JSON.stringify(output).length]))
  })

  it('for a comparison', async () => {
    const { value, characters } = await largestAnswer(() =>
      compareTasks(bench.test.db, task.taskId, task.taskId),
    )
    expect(characters).toBeLessThan(6_000_000)
    expect(value.steps).toHaveLength(stored.length)
    expect(value.steps.every(({ differs }) => differs?.length === 0)).toBe(true)
  })

  it('for its partial result, when it has failed', async () => {
    await bench.settler.end(task, {
      kind: 'failed',
      error: { code: 'step_limit', message: 'Enough.' },
      usage: NO_USAGE,
    })
    const { value, characters } = await largestAnswer(() => readTask(bench.test.db, task.taskId))
    expect(characters).toBeLessThan(6_000_000)
    expect(value.partial).toEqual(partialResult(stored))
  })
})

/** As a value is shown; the length of one that is cut counts characters rather than UTF-16 units. */
function shown(value: unknown): unknown {
  const whole = showValue(value)
  const isCut = typeof whole === 'object' && whole !== null && 'truncated' in whole
  return isCut ? { ...whole, characters: JSON.stringify(value).match(/./gsu)?.length } : whole
}
