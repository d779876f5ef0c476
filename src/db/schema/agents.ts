import { bigint, date, index, integer, json, numeric, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { AgentConfig } from '../../contract/agent.ts'
import type { Actor } from '../../contract/audit.ts'
import type { ModelPrice } from '../../contract/price.ts'
import { at, bellwire } from './base.ts'

/** A named configuration, stored in its revisions. */
export const agents = bellwire.table('agents', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  revision: integer().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
  updatedAt: at('updated_at').notNull().defaultNow(),
  /** A deleted agent keeps its row, so that its tasks remain readable. */
  deletedAt: at('deleted_at'),
  /** What was to happen to its unfinished tasks when it was deleted; null when there were none. */
  deleteMode: text('delete_mode', { enum: ['cancel', 'finish'] }),
})

/** Immutable. A task refers to the revision that it was accepted with. */
export const agentRevisions = bellwire.table(
  'agent_revisions',
  {
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    revision: integer().notNull(),
    config: json().$type<AgentConfig>().notNull(),
    /** Who saved it; null for the demo agent, and in rows of earlier versions. */
    author: json().$type<Actor>(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.agentId, table.revision] })],
)

/** Prices set by operators: US dollars per million tokens. They override the built-in ones. */
export const modelPrices = bellwire.table('model_prices', {
  model: text().primaryKey(),
  price: json().$type<ModelPrice>().notNull(),
  updatedAt: at('updated_at').notNull().defaultNow(),
})

/**
 * Use of model calls per day (UTC), added when their answers enter the journal: a call answered from the journal is not
 * counted again.
 */
export const usageDaily = bellwire.table(
  'usage_daily',
  {
    day: date({ mode: 'string' }).notNull(),
    agentId: uuid('agent_id').notNull(),
    model: text().notNull(),
    /** Runs that made their first model call on this day. */
    runs: bigint({ mode: 'number' }).notNull(),
    modelCalls: bigint('model_calls', { mode: 'number' }).notNull(),
    /** Calls without a known price, not included in `costUsd`. */
    unpricedModelCalls: bigint('unpriced_model_calls', { mode: 'number' }).notNull(),
    inputTokens: bigint('input_tokens', { mode: 'number' }).notNull(),
    cachedInputTokens: bigint('cached_input_tokens', { mode: 'number' }).notNull(),
    outputTokens: bigint('output_tokens', { mode: 'number' }).notNull(),
    reasoningTokens: bigint('reasoning_tokens', { mode: 'number' }).notNull(),
    costUsd: numeric('cost_usd').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.day, table.agentId, table.model] }),
    index('usage_daily_agent_idx').on(table.agentId, table.day),
  ],
)
