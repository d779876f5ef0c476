import { sql } from 'drizzle-orm'
import { boolean, index, json, text, uuid } from 'drizzle-orm/pg-core'
import { agents } from './agents.ts'
import { at, bellwire } from './base.ts'

/** Cron expressions that start agents. */
export const schedules = bellwire.table(
  'schedules',
  {
    id: uuid().primaryKey(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    name: text().notNull(),
    cron: text().notNull(),
    timeZone: text('time_zone').notNull(),
    /** Its strings are templates. */
    payload: json().$type<unknown>().notNull(),
    /** Whether it beats while the task of an earlier beat has not ended. */
    overlap: boolean().notNull(),
    /** Null while it is disabled. */
    nextAt: at('next_at'),
    lastBeatAt: at('last_beat_at'),
    lastTaskId: uuid('last_task_id'),
    /** The last beat that started no task, and why. */
    lastSkip: json('last_skip').$type<{ at: string; reason: string }>(),
    createdAt: at('created_at').notNull().defaultNow(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('schedules_agent_idx').on(table.agentId, table.id),
    index('schedules_next_idx')
      .on(table.nextAt)
      .where(sql`${table.nextAt} is not null`),
  ],
)
