import { afterEach, beforeEach, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { UsageQuery, UsageReport } from '../../contract/usageReport.ts'
import { cancelTask } from '../cancel.ts'
import type { ClaimedTask } from '../claim.ts'
import { readTask } from '../views/queries.ts'
import { reportUsage } from './usage.ts'

let bench: TaskBench

beforeEach(async () => {
  bench = await startTaskBench()
})

afterEach(() => bench.stop())

async function claimed(): Promise<ClaimedTask> {
  const agent = await seedAgent(bench.test.db, { name: 'Counter' })
  await bench.accept(agent)
  const [task] = (await bench.claim(await bench.newWorker())).tasks
  if (!task) throw new Error('the task was not claimed')
  return task
}

async function report(query: object = {}): Promise<UsageReport> {
  return UsageReport.parse(await reportUsage(bench.test.db, UsageQuery.parse(query)))
}

const used = {
  input_tokens: 100,
  cached_input_tokens: 40,
  output_tokens: 10,
  reasoning_tokens: 5,
  cost_usd: '0.000123456',
}

it('counts a call once, however often its row is written', async () => {
  const task = await claimed()
  for (let time = 0; time < 3; time++) expect(await bench.modelCall(task, used)).toBe(true)
  expect((await report()).total).toEqual({
    ...used,
    runs: 1,
    model_calls: 1,
    unpriced_model_calls: 0,
  })
})

it('counts the calls of a task in every attempt, and none of a worker that lost it', async () => {
  const task = await claimed()
  await bench.modelCall(task, used)
  await bench.settler.requeue(task, { kind: 'handed_back' })
  expect(await bench.modelCall(task, used, { key: 'model/1' })).toBe(false)
  const [again] = (await bench.claim(await bench.newWorker())).tasks
  if (!again) throw new Error('the task was not claimed again')
  await bench.modelCall(again, { input_tokens: 1 }, { key: 'model/1' })
  const error = { code: 'step_limit', message: 'No step is left.' }
  await bench.settler.end(again, { kind: 'failed', error, usage: undefined })
  expect((await report()).total).toMatchObject({
    runs: 1,
    model_calls: 2,
    input_tokens: 101,
    unpriced_model_calls: 1,
    cost_usd: '0.000123456',
  })
  // The task says so, too, although its end came without an account.
  expect((await readTask(bench.test.db, task.taskId)).task.usage).toMatchObject({
    model_calls: 2,
    input_tokens: 101,
    cost_usd: null,
  })
})

it('counts calls of a task that was cancelled, and tells what it had achieved', async () => {
  const task = await claimed()
  const output = {
    content: [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Half of it, with sk-abcdefghijklmnop in it' },
    ],
  }
  await bench.modelCall(task, used, { output })
  const tool = { kind: 'tool', name: 'look_up', input: { arguments: { word: 'x' } } } as const
  await bench.modelCall(task, {}, { ...tool, key: 'tool/0', output: { result: 7 }, state: 'done' })
  await bench.modelCall(task, {}, { ...tool, key: 'tool/1', output: { error: 'no' }, state: 'failed' })
  await bench.modelCall(task, {}, { ...tool, key: 'tool/2', output: null, state: 'started' })
  expect((await readTask(bench.test.db, task.taskId)).partial).toBeNull()
  await cancelTask({ db: bench.test.db, signals: bench.signals }, task.taskId)
  expect((await report()).total).toMatchObject({ model_calls: 1, input_tokens: 100 })
  expect((await readTask(bench.test.db, task.taskId)).partial).toEqual({
    answer: 'Half of it, with sk-*** in it',
    sources: [],
    tool_calls: [
      { name: 'look_up', arguments: { word: 'x' }, result: 7 },
      { name: 'look_up', arguments: { word: 'x' }, error: 'no' },
      {
        name: 'look_up',
        arguments: { word: 'x' },
        error: 'The call was under way when the run ended.',
      },
    ],
    thought: 'Hm.',
  })
})

it('cuts what is too long to be shown, and keeps it in the journal', async () => {
  const task = await claimed()
  await bench.modelCall(task, used, { output: { content: [{ type: 'text', text: 'x'.repeat(100_000) }] } })
  const { steps } = await readTask(bench.test.db, task.taskId)
  expect(steps[0]?.output).toMatchObject({ truncated: true, excerpt: expect.stringMatching(/^\{"content"/) })
  expect(JSON.stringify(steps[0]?.output).length).toBeLessThan(70_000)
})

it('adds up by day, agent and model, over the days that are asked for', async () => {
  const [one, other] = [await claimed(), await claimed()]
  await bench.modelCall(one, used, { name: 'openai/gpt-5' })
  await bench.test.db.pool.query('update bellwire.usage_daily set day = day - 3')
  await bench.modelCall(one, { ...used, cost_usd: '1' }, { name: 'openai/gpt-5', key: 'model/1' })
  await bench.modelCall(other, { input_tokens: 7 })

  const today = new Date().toISOString().slice(0, 10)
  const earlier = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)
  const byDay = await report()
  expect(byDay).toMatchObject({ to: today, group_by: 'day' })
  expect(byDay.data).toMatchObject([
    { day: earlier, model_calls: 1, cost_usd: '0.000123456' },
    { day: today, model_calls: 2, runs: 1, cost_usd: '1', unpriced_model_calls: 1 },
  ])
  expect(byDay.total).toMatchObject({ model_calls: 3, input_tokens: 207, cost_usd: '1.000123456' })

  expect((await report({ group_by: 'agent' })).data).toMatchObject([
    { agent_id: one.agentId, agent_name: 'Counter', model_calls: 2 },
    { agent_id: other.agentId, model_calls: 1, cost_usd: null },
  ])
  expect((await report({ group_by: 'model', from: today })).data).toMatchObject([
    { model: 'openai/gpt-5', model_calls: 1, cost_usd: '1' },
    { model: 'local/test-model', model_calls: 1 },
  ])
  const nothing = await report({ from: '2020-01-01', to: '2020-01-31' })
  expect(nothing).toMatchObject({ data: [], total: { model_calls: 0, cost_usd: '0' } })
  expect((await report({ agent_id: other.agentId })).total.model_calls).toBe(1)
})

it('writes many calls of many agents at once without loss', async () => {
  const tasks: ClaimedTask[] = []
  while (tasks.length < 8) tasks.push(await claimed())
  await Promise.all(
    Array.from({ length: 25 }, (_, index) =>
      tasks.map((task) => bench.modelCall(task, { input_tokens: 1 }, { key: `model/${index}` })),
    ).flat(),
  )
  expect((await report()).total).toMatchObject({ model_calls: 200, input_tokens: 200 })
})
