import { sql } from 'drizzle-orm'
import { bigint, index, json, text } from 'drizzle-orm/pg-core'
import { at, bellwire } from './base.ts'

/** Properties of this database, such as the fingerprint of the secret key. */
export const settings = bellwire.table('settings', {
  name: text().primaryKey(),
  value: text().notNull(),
})

/** Worker processes, alive and ended. A number is never reused. */
export const workers = bellwire.table(
  'workers',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    name: text().notNull(),
    startedAt: at('started_at').notNull().defaultNow(),
    heartbeatAt: at('heartbeat_at').notNull().defaultNow(),
    /** Set when it stopped, or when others declared it dead. From then on its writes are rejected. */
    endedAt: at('ended_at'),
    /** The worker that started it to run one task alone; null for every other worker. */
    parentId: bigint('parent_id', { mode: 'number' }),
    /** Its counters since it started, for GET /metrics. */
    metrics: json().$type<unknown>(),
  },
  (table) => [
    index('workers_alive_idx')
      .on(table.id)
      .where(sql`${table.endedAt} is null`),
  ],
)
