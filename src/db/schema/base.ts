import { sql } from 'drizzle-orm'
import { customType, pgSchema, timestamp } from 'drizzle-orm/pg-core'

/** Bytes as they are. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })

/**
 * The transaction that wrote the row: what is not visible yet in a snapshot that a reader remembers is new to it. See
 * src/watch/position.ts. Null in rows of earlier versions.
 */
export const xid = () => xid8('xid').default(sql`pg_current_xact_id()`)

/** The same for rows that become news later, by a trigger: see the migration that adds it. */
export const laterXid = () => xid8('xid')

/** A moment, with its time zone. */
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })

export const bellwire = pgSchema('bellwire')

export const taskState = bellwire.enum('task_state', [
  'PENDING',
  'STARTED',
  'WAITING',
  'SUCCESS',
  'FAILURE',
  'CANCELLED',
])
