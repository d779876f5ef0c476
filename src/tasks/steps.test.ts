import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { seedAgent } from '../../test/harness/seed.ts'
import type { Step } from '../contract/step.ts'
import { newId } from '../db/id.ts'
import { createSignals, type Signals } from '../db/signals.ts'
import type { Lease } from './claim.ts'
import { keepTurn } from './conversations/keepTurn.ts'
import { createStepWriter, readSteps, type StepWriter } from './steps.ts'

let test: TestDatabase
let signals: Signals
let writer: StepWriter
let lease: Lease

beforeAll(async () => {
  test = await createTestDatabase()
  signals = createSignals(test.db, test.url, { name: 'test', onError: () => {} })
  writer = createStepWriter({ db: test.db, signals })
  const agent = await seedAgent(test.db)
  const { rows } = await test.db.pool.query<{ id: number }>(
    `insert into bellwire.workers (name) values ('test:0') returning id::float8 as id`,
  )
  lease = { taskId: newId(), attempt: 1, workerId: rows[0]?.id ?? 0 }
  await test.db.pool.query(
    `insert into bellwire.tasks (id, agent_id, revision, origin, payload, request, state, attempt, worker_id, started_at)
      values ($1, $2, 1, 'webhook', '{}', '{}', 'STARTED', $3, $4, now())`,
    [lease.taskId, agent.agentId, lease.attempt, lease.workerId],
  )
})
afterAll(async () => {
  await signals.stop()
  await test.drop()
})

function started(key: string, output: unknown = null): Step {
  return {
    key,
    kind: 'tool',
    name: 'note',
    step: 0,
    state: 'started',
    input: {},
    output,
    startedAt: new Date(),
  }
}

function asked(questions: string[], waiting: boolean) {
  return { rounds: questions.map((text) => ({ questions: [{ text }] })), waiting }
}

async function read(key: string) {
  return (await readSteps(test.db, lease.taskId)).find((step) => step.key === key)
}

// A write whose response did not come is repeated, and the server may execute the first one last.
it.each(['done', 'failed'] as const)(
  'a step that is %s stays so when its start arrives late',
  async (state) => {
    const begin = started(state)
    const end: Step = { ...begin, state, output: { result: '\0' }, finishedAt: new Date() }
    for (const step of [begin, end, begin, end]) expect(await writer.write(lease, step, false)).toBe(true)
    expect(await read(state)).toMatchObject({ state, output: end.output, finishedAt: end.finishedAt })
  },
)

it('questions of a call are not forgotten when its start, or an earlier question, arrives late', async () => {
  const writes = [null, asked(['a\0'], true), asked(['a\0'], false), asked(['a\0', 'b'], true)]
  for (const output of writes) expect(await writer.write(lease, started('ask', output), false)).toBe(true)
  for (const late of writes.slice(0, 3)) {
    expect(await writer.write(lease, started('ask', late), false)).toBe(true)
  }
  expect(await read('ask')).toMatchObject({ state: 'started', output: writes[3] })
})

it('what was said is kept only by the worker that holds the task', async () => {
  const kept = async () =>
    (
      await test.db.pool.query<{ message: string }>(
        'select message from bellwire.conversation_turns where task_id = $1',
        [lease.taskId],
      )
    ).rows.map(({ message }) => message)
  await keepTurn(test.db, lease, 'first')
  await keepTurn(test.db, lease, 'first, and more')
  expect(await kept()).toEqual(['first, and more'])
  await keepTurn(test.db, { ...lease, attempt: 0 }, 'first')
  await keepTurn(test.db, { ...lease, workerId: lease.workerId + 1 }, 'first')
  expect(await kept()).toEqual(['first, and more'])
})
