import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { createFairRanks } from '../../queue/fairRank.ts'
import { createAcceptor } from '../../tasks/accept.ts'
import { dedupeKey } from '../../tasks/dedupeKey.ts'
import { forgetConversations, releaseConversations } from './conversations.ts'

let bench: TaskBench
let agent: Awaited<ReturnType<typeof seedAgent>>
const { signal } = new AbortController()

beforeEach(async () => {
  bench = await startTaskBench()
  agent = await seedAgent(bench.test.db)
})
afterEach(() => bench.stop())

async function accept(key: string): Promise<string> {
  const acceptor = createAcceptor({ db: bench.test.db, signals: bench.signals, ranks: createFairRanks() })
  const { taskId } = await acceptor.accept({
    ...agent,
    origin: 'webhook',
    payload: Buffer.from('{}'),
    request: '{"method":"POST","headers":{},"query":{}}',
    interactive: false,
    streamed: false,
    conversation: {
      name: dedupeKey({ entrance: [agent.agentId], kind: 'conversation', text: key }),
      key,
      whileRunning: 'queue',
      keepDays: 1,
    },
  })
  return taskId
}

const claimAll = async (worker: number): Promise<string[]> =>
  (await bench.claim(worker, 10)).tasks.map(({ taskId }) => taskId)

describe('releasing', () => {
  it('starts the next task when whoever ended the one before has died', async () => {
    const worker = await bench.newWorker()
    const ids = [await accept('a'), await accept('a'), await accept('a')]
    const { tasks } = await bench.claim(worker, 10)
    expect(tasks.map(({ taskId }) => taskId)).toEqual([ids[0]])
    const chore = releaseConversations({ db: bench.test.db, signals: bench.signals })
    // Not before its end.
    expect(await chore.run(signal)).toMatchObject({ items: 0 })
    for (const task of tasks) await bench.succeed(task)
    expect(await claimAll(worker)).toEqual([])
    expect(await chore.run(signal)).toMatchObject({ items: 1 })
    expect(await chore.run(signal)).toMatchObject({ items: 0 })
    expect(await claimAll(worker)).toEqual([ids[1]])
  })

  it('does not start two of them, however many do it at the same time', async () => {
    const worker = await bench.newWorker()
    await accept('b')
    for (let n = 0; n < 5; n += 1) await accept('b')
    const { tasks } = await bench.claim(worker, 10)
    for (const task of tasks) await bench.succeed(task)
    const chore = releaseConversations({ db: bench.test.db, signals: bench.signals })
    await Promise.all(Array.from({ length: 8 }, () => chore.run(signal)))
    expect(await claimAll(worker)).toHaveLength(1)
  })
})

describe('forgetting', () => {
  it('deletes conversations whose time is up, and leaves those with unfinished tasks', async () => {
    const { pool } = bench.test.db
    const worker = await bench.newWorker()
    const [over, busy, young] = [await accept('over'), await accept('busy'), await accept('young')]
    const { tasks } = await bench.claim(worker, 10)
    for (const task of tasks) if (task.taskId !== busy) await bench.succeed(task)
    await pool.query(`insert into bellwire.conversation_turns select id, 'said' from bellwire.tasks`)
    await pool.query(
      `update bellwire.conversations set expires_at = now() - interval '1 minute' where key <> 'young'`,
    )
    const chore = forgetConversations(bench.test.db, { batch: 1 })
    for (let run = 0; run < 3; run += 1) await chore.run(signal)
    const { rows } = await pool.query<{ key: string }>('select key from bellwire.conversations order by key')
    expect(rows.map(({ key }) => key)).toEqual(['busy', 'young'])
    const left = await pool.query<{ task_id: string }>('select task_id from bellwire.conversation_turns')
    expect(left.rows.map((row) => row.task_id).toSorted()).toEqual([busy, young].toSorted())
    // The task stays, and the key begins a new conversation.
    const again = await accept('over')
    const { rows: ids } = await pool.query<{ conversation_id: string }>(
      'select conversation_id from bellwire.tasks where id = any($1::uuid[])',
      [[over, again]],
    )
    expect(new Set(ids.map((row) => row.conversation_id)).size).toBe(2)
  })
})
