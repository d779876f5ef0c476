import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createEmptyDatabase } from '../../test/harness/database.ts'
import { migrateDatabase } from '../db/migrate.ts'
import { readMigrations } from '../db/migrations.ts'
import { isId, newId } from '../db/id.ts'
import { dedupeKey } from './dedupeKey.ts'

it('is the same for the same request at the same entrance, and for no other', () => {
  const entrance = fc.array(fc.uuid(), { minLength: 1, maxLength: 2 })
  const request = fc.record({
    entrance,
    kind: fc.constantFrom('idempotency_key', 'event'),
    text: fc.string({ unit: 'binary' }),
    element: fc.option(fc.nat(), { nil: undefined }),
  })
  fc.assert(
    fc.property(request, request, (one, other) => {
      expect(isId(dedupeKey(one))).toBe(true)
      expect(dedupeKey({ ...one })).toBe(dedupeKey(one))
      const isSame = JSON.stringify(one) === JSON.stringify(other)
      expect(dedupeKey(one) === dedupeKey(other)).toBe(isSame)
    }),
  )
})

it('keys that an earlier version remembers go on counting, at the entrance that they came in by', async () => {
  const { db, drop } = await createEmptyDatabase()
  try {
    const known = await readMigrations()
    const ours = known.findIndex(({ name }) => name.endsWith('_ingress'))
    await migrateDatabase(db, known.slice(0, ours))
    const [agent, webhook, viaWebhook, viaKey] = [newId(), newId(), newId(), newId()]
    const [admin, own, foreign] = [newId(), newId(), newId()]
    await db.pool.query(
      `insert into bellwire.agents (id, name, revision) values ($1, 'A', 1), ($2, 'B', 1)`,
      [agent, foreign],
    )
    for (const [id, webhookId] of [
      [viaWebhook, webhook],
      [viaKey, null],
    ]) {
      await db.pool.query(
        `insert into bellwire.tasks (id, agent_id, revision, webhook_id, origin, payload, request)
          values ($1, $2, 1, $3, 'webhook', '{}', '{}')`,
        [id, agent, webhookId],
      )
    }
    await db.pool.query(
      `insert into bellwire.api_keys (id, name, scope, agent_id, hash, hint)
        values ($1, 'a', 'admin', null, '1', ''), ($2, 'b', 'agent', $3, '2', ''), ($4, 'c', 'agent', $5, '3', '')`,
      [admin, own, agent, newId(), foreign],
    )
    await db.pool.query(
      `insert into bellwire.idempotency_keys (agent_id, hash, task_id, expires_at)
        values ($1, $2, $3, now() + interval '1 hour'), ($1, $4, $5, now() + interval '1 hour')`,
      [agent, hash('sha256', 'order', 'buffer'), viaWebhook, hash('sha256', 'question', 'buffer'), viaKey],
    )

    await migrateDatabase(db)
    const { rows } = await db.pool.query<{ key: string; task_id: string }>(
      'select key, task_id from bellwire.dedupe_keys',
    )
    const key = (text: string, ...entrance: string[]) =>
      dedupeKey({ entrance, kind: 'idempotency_key', text })
    expect(new Map(rows.map((row) => [row.key, row.task_id]))).toEqual(
      new Map([
        [key('order', webhook), viaWebhook],
        [key('question', admin, agent), viaKey],
        [key('question', own, agent), viaKey],
      ]),
    )
  } finally {
    await drop()
  }
})
