import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { createSignals, type Signals } from './signals.ts'

const errors: Error[] = []
let test: TestDatabase
let signals: Signals

beforeAll(async () => {
  test = await createTestDatabase()
  signals = createSignals(test.db, test.url, { name: 'test', onError: (error) => errors.push(error) })
})
afterAll(async () => {
  await signals?.stop()
  await test?.drop()
})

it('is not disturbed by what other programs send on its channel', async () => {
  const heard: string[] = []
  await signals.subscribe('foreign', { onMessage: (message) => heard.push(message) })
  for (const payload of ['', '{', 'hello', '"text"', 'null', '17', '{"a":1}', '[1,null,{},["x"],"kept"]']) {
    await test.db.pool.query('select pg_notify($1, $2)', ['foreign', payload])
  }
  signals.publish('foreign', 'ours')
  await waitFor(() => heard.includes('ours'))
  expect(heard).toEqual(['kept', 'ours'])
  expect(errors).toEqual([])
})

it('reports a listener that throws, and goes on to the next one', async () => {
  const heard: string[] = []
  await signals.subscribe('throwing', {
    onMessage() {
      throw new Error('cannot take it')
    },
  })
  await signals.subscribe('throwing', { onMessage: (message) => heard.push(message) })
  signals.publish('throwing', 'one')
  await waitFor(() => heard.length > 0)
  expect(errors.map(({ message }) => message)).toEqual(['cannot take it'])
})
