import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { NO_USAGE, startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { cancelTask } from '../cancel.ts'
import type { ClaimedTask } from '../claim.ts'
import { COMMAND_CHANNEL, decodeCommand, encodeUpdate, UPDATE_CHANNEL, type TaskUpdate } from './channels.ts'
import type { Message } from './messages.ts'
import { createTaskFeed, type TaskFeed } from './taskFeed.ts'

let bench: TaskBench
let feed: TaskFeed
let agent: { agentId: string; tokenHash: Buffer }
let queries: string[]

beforeAll(async () => {
  bench = await startTaskBench()
  agent = await seedAgent(bench.test.db)
  const { pool } = bench.test.db
  const query = pool.query.bind(pool)
  vi.spyOn(pool, 'query').mockImplementation((...given: unknown[]) => {
    const [statement] = given
    const name = typeof statement === 'object' && statement !== null ? Reflect.get(statement, 'name') : ''
    queries.push(String(name))
    return Reflect.apply(query, pool, given)
  })
})
beforeEach(async () => {
  queries = []
  feed = await createTaskFeed({ db: bench.test.db, signals: bench.signals })
})
afterEach(() => feed.stop())
afterAll(async () => {
  vi.restoreAllMocks()
  await bench?.stop()
})

type Seen = { messages: Message[]; ended: boolean; leave: () => void }

async function follow(taskId: string, after = 0): Promise<Seen> {
  const seen: Seen = { messages: [], ended: false, leave: () => {} }
  const { joined, leave } = feed.follow(taskId, after, {
    onMessages: (messages) => seen.messages.push(...messages),
    onEnd: () => (seen.ended = true),
    ready: () => Promise.resolve(),
  })
  await joined
  return Object.assign(seen, { leave })
}

function names({ messages }: Seen): string[] {
  return messages.map(({ type, data }) =>
    'state' in data && type === 'state' ? String(data.state) : 'text' in data ? String(data.text) : type,
  )
}

async function claimed(): Promise<ClaimedTask> {
  const [id] = await bench.accept(agent)
  const { tasks } = await bench.claim(await bench.newWorker(), 1_000)
  const task = tasks.find(({ taskId }) => taskId === id)
  if (!task) throw new Error('the task was not claimed')
  return task
}

const publish = (update: TaskUpdate): void => bench.signals.publish(UPDATE_CHANNEL, encodeUpdate(update))

/** What the worker of a task publishes. */
function voice({ taskId: id, attempt }: { taskId: string; attempt: number }) {
  return {
    begin: (call: number, step: number) =>
      publish({ id, type: 'model_call', attempt, call, step, streamed: true, continues: false }),
    write: (call: number, step: number, offset: number, text: string) =>
      publish({ id, type: 'answer', attempt, call, step, offset, text }),
  }
}

const answer = (text: string) => ({ output: { content: [{ type: 'text', text }] } })

describe('followers', () => {
  it('cost one query for all of them while nothing happens', async () => {
    const ids = await bench.accept(agent, 300)
    const all = await Promise.all([...ids, ...ids].map((id) => follow(id)))
    queries = []
    await waitFor(() => queries.filter((name) => name === 'tasks_changed').length === 2)
    expect(queries.filter((name) => name === 'task_events')).toEqual([])
    expect(queries.filter((name) => name !== 'tasks_changed' && name !== 'signals_send')).toEqual([])
    expect(queries.length).toBeLessThan(15)
    expect(all.every((seen) => names(seen).join() === 'PENDING')).toBe(true)
    for (const seen of all) seen.leave()
  }, 20_000)

  it('share the read of an event, and see a change whose notification was lost', async () => {
    const [id = ''] = await bench.accept(agent)
    const all = await Promise.all(Array.from({ length: 50 }, () => follow(id)))
    queries = []
    await bench.claim(await bench.newWorker(), 1_000)
    await waitFor(() => all.every((seen) => names(seen).join() === 'PENDING,STARTED'))
    expect(queries.filter((name) => name === 'task_events')).toHaveLength(1)
    await cancelTask({ db: bench.test.db, signals: bench.signals }, id)
    await waitFor(() => all.every(({ ended }) => ended))
    expect(queries.filter((name) => name === 'task_events')).toHaveLength(2)
    for (const seen of all) expect(names(seen)).toEqual(['PENDING', 'STARTED', 'CANCELLED'])
  })
})

describe('text', () => {
  it('comes after the states before it, though no notification told of them', async () => {
    const [id = ''] = await bench.accept(agent)
    const seen = await follow(id)
    const { tasks } = await bench.claim(await bench.newWorker(), 1_000)
    const task = tasks.find(({ taskId }) => taskId === id) ?? never()
    voice(task).write(0, 0, 0, 'Hello')
    await waitFor(() => names(seen).includes('Hello'))
    expect(names(seen)).toEqual(['PENDING', 'STARTED', 'model_call', 'Hello'])
    seen.leave()
  })

  it('is completed from the journal, and what comes too late is dropped', async () => {
    const task = await claimed()
    const seen = await follow(task.taskId)
    const { begin, write } = voice(task)
    begin(0, 0)
    write(0, 0, 0, 'One ')
    await waitFor(() => names(seen).includes('One '))
    await bench.modelCall(task, NO_USAGE, answer('One two three'))
    publish({ id: task.taskId, type: 'changed' })
    write(0, 0, 4, 'two ')
    write(0, 0, 8, 'three')
    begin(1, 1)
    write(1, 1, 0, 'More')
    await waitFor(() => names(seen).includes('More'))
    expect(names(seen)).toEqual([
      'PENDING',
      'STARTED',
      'model_call',
      'One ',
      'two three',
      'step',
      'model_call',
      'More',
    ])
    await bench.succeed(task)
    await waitFor(() => seen.ended)
  })

  it('is whole for two readers who joined at different times, whatever is repeated or lost', async () => {
    const task = await claimed()
    const commands: string[] = []
    const unsubscribe = await bench.signals.subscribe(COMMAND_CHANNEL, {
      onMessage(message) {
        const command = decodeCommand(message)
        if (command?.id === task.taskId) commands.push(command.type)
      },
    })
    const first = await follow(task.taskId)
    const { begin, write } = voice(task)
    await waitFor(() => commands.includes('show'))
    begin(0, 0)
    write(0, 0, 0, 'abc')
    write(0, 0, 0, 'abc')
    write(0, 0, 1, 'bcd')
    await waitFor(() => names(first).at(-1) === 'd')
    const second = await follow(task.taskId)
    expect(names(second)).toEqual(['PENDING', 'STARTED', 'model_call', 'abcd'])
    // Two characters are lost; asked for them, the worker repeats everything.
    await waitFor(() => {
      write(0, 0, 6, 'ghi')
      return commands.filter((type) => type === 'show').length > 1
    })
    begin(0, 0)
    write(0, 0, 0, 'abcdefghi')
    await waitFor(() => [first, second].every((seen) => names(seen).at(-1) === 'efghi'))
    unsubscribe()
    first.leave()
    second.leave()
  })

  it('that needs more memory than all may have is sent when it is in the journal', async () => {
    feed.stop()
    feed = await createTaskFeed({ db: bench.test.db, signals: bench.signals, maxText: 10 })
    const [old, other] = [await claimed(), await claimed()]
    const seen = await follow(old.taskId)
    const otherSeen = await follow(other.taskId)
    const before = names(seen).length
    voice(old).begin(0, 0)
    voice(old).write(0, 0, 0, '12345678')
    await waitFor(() => names(seen).includes('12345678'))
    voice(other).write(0, 0, 0, 'abcd')
    await waitFor(() => names(otherSeen).includes('abcd'))
    // The older text was dropped: the rest of it, and new followers, wait for the journal.
    voice(old).write(0, 0, 8, '9')
    voice(other).write(0, 0, 4, 'ef')
    await waitFor(() => names(otherSeen).includes('ef'))
    const late = await follow(old.taskId)
    expect(names(late)).toHaveLength(before)
    await bench.modelCall(old, NO_USAGE, answer('123456789'))
    publish({ id: old.taskId, type: 'changed' })
    await waitFor(() => [seen, late].every((one) => names(one).includes('step')))
    expect(names(seen).slice(before)).toEqual(['model_call', '12345678', 'model_call', '123456789', 'step'])
    expect(names(late).slice(before)).toEqual(['model_call', '123456789', 'step'])
    // The next call is streamed as usual.
    voice(old).write(1, 1, 0, 'next')
    await waitFor(() => [seen, late].every((one) => names(one).at(-1) === 'next'))
    for (const one of [seen, late, otherSeen]) one.leave()
  })

  it('begins again with another call or attempt, and an earlier one is not heard any more', async () => {
    const task = await claimed()
    const seen = await follow(task.taskId)
    const old = voice(task)
    const later = voice({ ...task, attempt: task.attempt + 1 })
    old.write(0, 0, 0, 'first')
    old.write(1, 0, 0, 'second')
    old.write(0, 0, 5, ' too late')
    later.write(0, 0, 0, 'third')
    old.write(1, 0, 6, ' too late')
    await waitFor(() => names(seen).includes('third'))
    const texts = names(seen).slice(2)
    expect(texts).toEqual(['model_call', 'first', 'model_call', 'second', 'model_call', 'third'])
    await bench.succeed(task)
    await waitFor(() => seen.ended)
    expect(names(seen).slice(2)).toEqual([...texts, 'SUCCESS'])
  })
})

function never(): never {
  throw new Error('unreachable')
}
