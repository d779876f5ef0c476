import type { AgentConfig } from '../contract/agent.ts'
import { etagOf, isMatch, requireMatch, type IfMatch } from '../contract/ifMatch.ts'
import { fromStored } from '../contract/storedConfig.ts'
import type { Queryable } from '../db/database.ts'
import { configChanges } from './configChanges.ts'

/**
 * Refuses a change that was made for a revision other than the latest; the error says what has changed since.
 *
 * @throws BellwireError `precondition_failed`
 */
export async function refuseStale(
  source: Queryable,
  { id, revision, config }: { id: string; revision: number; config: AgentConfig },
  ifMatch: IfMatch,
): Promise<void> {
  const etag = etagOf(revision)
  if (isMatch(ifMatch, etag)) return
  const known = ifMatch instanceof Set ? [...ifMatch].map((tag) => Number(tag.slice(1, -1))) : []
  const { rows } = await source.query<{ config: AgentConfig }>(
    `select config from bellwire.agent_revisions where agent_id = $1 and revision::float8 = any($2::float8[])
      order by revision desc limit 1`,
    [id, known.filter(Number.isSafeInteger)],
  )
  const base = rows[0] && fromStored(rows[0].config)
  requireMatch(ifMatch, etag, base ? { changes: configChanges(base, config) } : {})
}
