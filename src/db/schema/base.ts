import { customType, pgSchema, timestamp } from 'drizzle-orm/pg-core'

/** Bytes as they are. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

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
