import { and, eq, isNull } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { agents } from '../db/schema.ts'
import { BellwireError } from '../errors.ts'
import { isId } from '../db/id.ts'

export type AgentRow = typeof agents.$inferSelect

/** A transaction of the query builder. */
export type Transaction = Parameters<Parameters<Database['orm']['transaction']>[0]>[0]

/** What can be asked outside of a transaction as well. */
export type Source = Database['orm'] | Transaction

/** @throws BellwireError `agent_not_found`, also for an agent that was deleted */
export async function findAgent(source: Source, id: string): Promise<AgentRow> {
  return found(isId(id) ? await standing(source, id) : [])
}

/**
 * Takes an agent's row for the rest of the transaction, so that changes to the agent and to what belongs to
 * it happen one after the other. Whoever merely reads the agent does not wait.
 *
 * @throws BellwireError `agent_not_found`
 */
export async function lockAgent(tx: Transaction, id: string): Promise<AgentRow> {
  return found(isId(id) ? await standing(tx, id).for('no key update') : [])
}

function standing(source: Source, id: string) {
  return source
    .select()
    .from(agents)
    .where(and(eq(agents.id, id), isNull(agents.deletedAt)))
}

function found(rows: AgentRow[]): AgentRow {
  const [row] = rows
  if (!row) throw new BellwireError('agent_not_found')
  return row
}
