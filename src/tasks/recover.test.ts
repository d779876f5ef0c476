import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedAgent } from '../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../test/harness/taskBench.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { decodeUpdate, encodeUpdate, UPDATE_CHANNEL, type TaskUpdate } from './follow/channels.ts'
import { takeOver } from './recover.ts'

let bench: TaskBench

beforeAll(async () => (bench = await startTaskBench()))
afterAll(async () => bench?.stop())

it('of the tasks of a lost worker, only those that have ended are announced as ended', async () => {
  const updates: TaskUpdate[] = []
  const unsubscribe = await bench.signals.subscribe(UPDATE_CHANNEL, {
    onMessage(message) {
      const update = decodeUpdate(message)
      if (update) updates.push(update)
    },
  })
  const [failing = '', ...others] = await bench.accept(await seedAgent(bench.test.db), 3)
  const worker = await bench.newWorker()
  await bench.claim(worker)
  await bench.test.db.pool.query('update bellwire.tasks set crashes = 19 where id = $1', [failing])
  expect(await takeOver({ db: bench.test.db, signals: bench.signals }, worker)).toBe(3)
  // Sent after all of its own.
  bench.signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: failing, type: 'changed' }))
  await waitFor(() => updates.some(({ type }) => type === 'changed'))
  expect(updates.filter(({ type }) => type === 'ended')).toEqual([{ id: failing, type: 'ended' }])
  const { rows } = await bench.test.db.pool.query<{ id: string; state: string }>(
    'select id, state from bellwire.tasks order by id',
  )
  const states = new Map(rows.map(({ id, state }) => [id, state]))
  expect(states.get(failing)).toBe('FAILURE')
  expect(others.map((id) => states.get(id))).toEqual(['STARTED', 'STARTED'])
  unsubscribe()
})
