import type pg from 'pg'
import type { Queryable } from '../db/database.ts'
import { isId } from '../db/id.ts'
import { BellwireError } from '../errors.ts'

export type AgentRow = { id: string; revision: number; createdAt: Date; updatedAt: Date }

/** The columns of an {@link AgentRow}, from the table `a`. */
export const AGENT_COLUMNS = `a.id, a.revision, a.created_at as "createdAt", a.updated_at as "updatedAt"`

const STANDING = `select ${AGENT_COLUMNS} from bellwire.agents a where a.id = $1 and a.deleted_at is null`

/** @throws BellwireError `agent_not_found`, also for an agent that was deleted */
export function findAgent(source: Queryable, id: string): Promise<AgentRow> {
  return read(source, { name: 'agent_find', text: STANDING }, id)
}

/**
 * Locks an agent's row for the rest of the transaction, so that changes to the agent and to what belongs to it happen
 * one after the other. Reads are not blocked.
 *
 * @throws BellwireError `agent_not_found`
 */
export function lockAgent(tx: pg.PoolClient, id: string): Promise<AgentRow> {
  return read(tx, { name: 'agent_lock', text: `${STANDING} for no key update` }, id)
}

async function read(
  source: Queryable,
  statement: { name: string; text: string },
  id: string,
): Promise<AgentRow> {
  const { rows } = isId(id) ? await source.query<AgentRow>({ ...statement, values: [id] }) : { rows: [] }
  if (!rows[0]) throw new BellwireError('agent_not_found')
  return rows[0]
}
