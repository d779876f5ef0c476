import { afterEach, beforeEach, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { forgetRings } from './rings.ts'

let bench: TaskBench

beforeEach(async () => {
  bench = await startTaskBench()
})

afterEach(() => bench.stop())

it('forgets requests after a week, in batches', async () => {
  const { pool } = bench.test.db
  const { agentId } = await seedAgent(bench.test.db)
  await pool.query(
    `with w as (
       insert into bellwire.webhooks (id, agent_id, name) values (gen_random_uuid(), $1, 'w') returning id
     )
     insert into bellwire.rings (id, webhook_id, received_at, method, headers, query, size)
     select gen_random_uuid(), w.id, now() - make_interval(days => n, hours => 12), 'POST', '{}', '{}', 0
     from w, generate_series(4, 9) n`,
    [agentId],
  )
  const chore = forgetRings(bench.test.db, { batch: 2 })
  const { signal } = new AbortController()
  expect(await chore.run(signal)).toMatchObject({ more: true })
  expect(await chore.run(signal)).toMatchObject({ more: false })
  const { rows } = await pool.query('select from bellwire.rings')
  expect(rows.length).toBe(3)
})
