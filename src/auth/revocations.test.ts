import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { createSignals, type Signals } from '../db/signals.ts'
import { createKeys } from './keys.ts'
import { shareRevocations } from './revocations.ts'
import { createSessions } from './sessions.ts'

const START = Date.now()

let database: TestDatabase
let signals: Signals[]

/** Keys and sessions as a process of its own has them, with a clock that stands still: nothing is forgotten by age. */
async function startProcess(index: number) {
  const revocations = await shareRevocations(signals[index] as Signals)
  const parts = { db: database.db, revocations, now: () => START }
  return { keys: createKeys(parts), sessions: createSessions(parts) }
}

beforeAll(async () => {
  database = await createTestDatabase()
  signals = [1, 2].map(() =>
    createSignals(database.db, database.url, { name: 'test', onError: () => undefined }),
  )
})
afterAll(async () => {
  for (const each of signals) await each.stop()
  await database.drop()
})

it('a deleted key is gone in other processes without waiting for their memory, and its sessions with it', async () => {
  const here = await startProcess(0)
  const elsewhere = await startProcess(1)
  await here.keys.create({ name: 'stays', scope: 'admin' })
  const { id, key } = await here.keys.create({ name: 'goes', scope: 'admin' })
  const session = await here.sessions.open({ keyId: id })
  const token = session?.token ?? ''
  expect(await elsewhere.keys.verify(key)).toMatchObject({ keyId: id })
  expect(await elsewhere.sessions.find(token)).toMatchObject({ keyId: id })

  await here.keys.delete(id)
  expect(await here.keys.verify(key)).toBeUndefined()
  expect(await here.sessions.find(token)).toBeUndefined()
  await waitFor(async () => (await elsewhere.keys.verify(key)) === undefined)
  await waitFor(async () => (await elsewhere.sessions.find(token)) === undefined)
})
