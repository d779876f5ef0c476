import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { NO_USAGE, startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { NoticeRules } from '../../contract/notice.ts'
import { ReplayFilter } from '../../contract/replay.ts'
import { failures } from '../../notices/causes/failures.ts'
import { readEarlier } from '../conversations/readEarlier.ts'
import { deleteTask } from '../deleteTasks.ts'
import { replayMany } from '../replay/replayMany.ts'
import { countTasks } from './countTasks.ts'
import { readKeptTasks } from './keptRequests.ts'
import { readAttention } from './overview/readAttention.ts'
import { listTasks, readTask } from './queries.ts'

// Texts of models, providers and tools may contain what PostgreSQL's JSON operators refuse. Earlier versions stored it.

const HOSTILE = ['NUL \0', 'a cut emoji \ud83d']

let bench: TaskBench
let agent: Awaited<ReturnType<typeof seedAgent>>
let webhookId: string
let failed: string[]

beforeAll(async () => {
  bench = await startTaskBench()
  agent = await seedAgent(bench.test.db)
  const { rows } = await bench.test.db.pool.query<{ id: string }>('select id from bellwire.webhooks')
  webhookId = rows[0]?.id ?? ''
  failed = await bench.accept(agent, HOSTILE.length)
  const { tasks } = await bench.claim(await bench.newWorker())
  for (const [at, task] of tasks.entries()) {
    await bench.modelCall(
      task,
      {},
      { key: 'tool/0', kind: 'tool', name: 'look', output: { result: HOSTILE[at] } },
    )
    const error = { code: 'provider_bad_request', message: HOSTILE[at] ?? '' }
    await bench.settler.end(task, { kind: 'failed', error, usage: NO_USAGE })
  }
})

afterAll(() => bench.stop())

describe('the text of a failed task', () => {
  it('does not break pages of tasks', async () => {
    const { db } = bench.test
    const since = new Date(Date.now() - 3_600_000)
    const { failures: shown } = await readAttention(db, { since, until: new Date() })
    expect(shown).toMatchObject([{ code: 'provider_bad_request', count: 2 }])
    expect(shown[0]?.message).toMatch(/\ufffd$/)
    expect((await listTasks(db, { errorCode: 'provider_bad_request', limit: 10 })).items).toHaveLength(2)
    expect(await countTasks(db, {})).toMatchObject({ errors: [{ code: 'provider_bad_request', count: 2 }] })
  })

  it('does not break notices or replays', async () => {
    const { db } = bench.test
    const rules = NoticeRules.parse({ failures_in_a_row: 2 })
    expect(await failures(db.pool, rules)).toMatchObject([
      { title: expect.stringContaining('provider_bad_request') },
    ])
    const matching: string[] = []
    await replayMany(
      {
        db,
        write: async (_, taskId) => {
          matching.push(taskId)
          return { taskId, replayOf: taskId, revision: 1, writes: 'continue', repeated: false }
        },
      },
      { filter: ReplayFilter.parse({ error_code: 'provider_bad_request' }), limit: 2 },
      { revision: 'same', writes: undefined, requestKey: undefined },
    )
    expect(matching.toSorted()).toEqual(failed.toSorted())
  })

  it('does not break lists of tool calls', async () => {
    const { agentId } = agent
    const { rowCount } = await bench.test.db.pool.query('update bellwire.tasks set webhook_id = $1', [
      webhookId,
    ])
    expect(rowCount).toBe(2)
    const kept = await readKeptTasks(bench.test.db, { agentId, webhookId, limit: 10 })
    expect(kept.map(({ calls }) => calls)).toEqual([['look'], ['look']])
  })
})

describe('the answer of a task', () => {
  it('is read by later tasks of its conversation, and the task can be deleted', async () => {
    const { db } = bench.test
    const [taskId = ''] = await bench.accept(agent)
    const { tasks } = await bench.claim(await bench.newWorker())
    const task = tasks.find((one) => one.taskId === taskId)
    if (!task) throw new Error('the task was not claimed')
    await bench.modelCall(task, {}, { key: 'conversation', output: { summary: null, turns: ['\0'] } })
    await bench.settler.end(task, {
      kind: 'succeeded',
      result: { answer: 'a\0b', sources: [], tool_calls: [], thought: '\ud83d' },
      usage: NO_USAGE,
    })
    const { rows } = await db.pool.query<{ id: string }>(
      `insert into bellwire.conversations (id, name, agent_id, key, expires_at)
        values (gen_random_uuid(), gen_random_uuid(), $1, 'a', now() + interval '1 day') returning id`,
      [agent.agentId],
    )
    const conversationId = rows[0]?.id ?? ''
    await db.pool.query('update bellwire.tasks set conversation_id = $2 where id = $1', [
      taskId,
      conversationId,
    ])
    await db.pool.query(`insert into bellwire.conversation_turns (task_id, message) values ($1, 'hello')`, [
      taskId,
    ])
    const place = { taskId: agent.agentId, conversationId, turn: undefined }
    const { turns } = await readEarlier(db, place, 1_000)
    expect(turns).toEqual([{ taskId, message: 'hello', answer: 'a\ufffdb' }])
    await deleteTask(db, taskId)
  })
})

it('in a warning about a request does not prevent a task from being listed or read', async () => {
  const { db } = bench.test
  const [taskId = ''] = await bench.accept(agent)
  const request = String.raw`{"method":"POST","headers":{},"query":{},"warnings":[{"code":"conversation_key_failed","detail":"\u0000\ud800"}]}`
  await db.pool.query('update bellwire.tasks set request = $2 where id = $1', [taskId, request])
  expect((await listTasks(db, { limit: 10 })).items.map(({ id }) => id)).toContain(taskId)
  expect((await readTask(db, taskId)).task.id).toBe(taskId)
})
