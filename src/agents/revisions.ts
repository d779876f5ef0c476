import type { AgentConfig } from '../contract/agent.ts'
import type { Actor } from '../contract/audit.ts'
import { fromStored } from '../contract/storedConfig.ts'
import type { Database, Queryable } from '../db/database.ts'
import { BellwireError } from '../errors.ts'
import { findAgent, type AgentRow } from './agentRow.ts'
import { configChanges } from './configChanges.ts'

export type Revision = {
  agentId: string
  revision: number
  config: AgentConfig
  /** Pointers to what differs from the previous revision; null for the first. */
  changed: string[] | null
  /** Who saved it; null when that is not known. */
  author: Actor | null
  createdAt: Date
}

/** The revisions of an agent, newest first from the number `from` on, each compared with the one before it. */
export async function readRevisions(
  db: Database,
  id: string,
  { from, limit }: { from: number | null; limit: number },
): Promise<Revision[]> {
  const { rows } = await db.pool.query<Omit<Revision, 'changed'>>(
    `select agent_id as "agentId", revision, config, author, created_at as "createdAt" from bellwire.agent_revisions
      where agent_id = $1 and ($2::int is null or revision <= $2)
      order by revision desc limit $3`,
    [id, from, limit + 1],
  )
  const revisions = rows.map((row) => ({ ...row, config: fromStored(row.config) }))
  return revisions.slice(0, limit).map((row, index) => {
    const before = revisions[index + 1]
    return {
      ...row,
      changed: before ? configChanges(before.config, row.config).map(({ pointer }) => pointer) : null,
    }
  })
}

/** @throws BellwireError `agent_not_found` and `revision_not_found` */
export async function readRevision(db: Database, id: string, revision: number): Promise<Revision> {
  await findAgent(db.pool, id)
  const [found] = await readRevisions(db, id, { from: revision, limit: 1 })
  if (found?.revision !== revision) throw new BellwireError('revision_not_found')
  return found
}

/** The configuration that an agent has now. */
export async function readConfig(source: Queryable, { id, revision }: AgentRow): Promise<AgentConfig> {
  const { rows } = await source.query<{ config: AgentConfig }>({
    name: 'agent_config',
    text: 'select config from bellwire.agent_revisions where agent_id = $1 and revision = $2',
    values: [id, revision],
  })
  if (!rows[0]) throw new Error(`agent ${id} has no revision ${revision}`)
  return fromStored(rows[0].config)
}
