import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { RELEASE_BATCH, releaseNext } from '../../tasks/conversations/releaseNext.ts'
import { batchOf, type Chore } from '../chore.ts'

const BATCH = 200

/** Starts the next tasks of conversations, where whoever should have done so has died. */
export function releaseConversations(parts: { db: Database; signals: Signals }): Chore {
  return {
    name: 'release_conversations',
    everyMs: 1_000,
    run: async () => batchOf(await releaseNext(parts), RELEASE_BATCH),
  }
}

/**
 * Forgets conversations whose time is up, and what was said in them: a request with the same key begins a new one. Their
 * tasks are kept as long as any others. Also forgets bursts that are over.
 */
export function forgetConversations(db: Database, { batch = BATCH } = {}): Chore {
  return {
    name: 'conversations',
    everyMs: 3_600_000,
    async run() {
      const { rowCount: forgotten } = await db.pool.query({
        name: 'conversations_forget',
        text: `with due as (
            select c.id from bellwire.conversations c
            where c.expires_at < now() and not exists (
              select from bellwire.tasks t where t.conversation_id = c.id and t.state in ('PENDING', 'STARTED', 'WAITING')
            )
            order by c.expires_at limit $1 for update skip locked
          ), turns as (
            delete from bellwire.conversation_turns where task_id in (
              select t.id from bellwire.tasks t join due on due.id = t.conversation_id
            )
          )
          delete from bellwire.conversations where id in (select id from due)`,
        values: [batch],
      })
      const { rowCount: bursts } = await db.pool.query({
        name: 'bursts_forget',
        text: `delete from bellwire.bursts where name in (
            select name from bellwire.bursts where closes_at < now() - interval '1 hour'
            order by closes_at limit $1 for update skip locked
          )`,
        values: [batch],
      })
      const items = (forgotten ?? 0) + (bursts ?? 0)
      return { ...batchOf(items, batch), more: Math.max(forgotten ?? 0, bursts ?? 0) >= batch }
    },
  }
}
