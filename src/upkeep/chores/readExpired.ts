import type { Queryable } from '../../db/database.ts'

/** Tasks that are kept for some days: of one agent, or of all except some. */
export type Expiry = { days: number; agentId?: string; except?: readonly string[] }

/** Tasks read in order of their ids. */
export type Expired = {
  /** Those that ended long ago. */
  expired: string[]
  /** Those that were accepted as long ago, but have not ended, or ended later. */
  later: string[]
  /** The last one that was read; undefined at the end. */
  last: string | undefined
}

/**
 * Reads the next tasks that are old enough to have expired, oldest first. Ids begin with the time of their acceptance;
 * clocks of other processes may be behind by an hour.
 */
export async function readExpired(
  db: { pool: Queryable },
  { days, agentId, except = [], after, limit }: Expiry & { after: string | undefined; limit: number },
): Promise<Expired> {
  const { rows } = await db.pool.query<{ id: string; is_expired: boolean }>({
    name: agentId === undefined ? 'tasks_expired' : 'tasks_expired_of_agent',
    text: `select id, coalesce(finished_at < now() - make_interval(days => $1), false) as is_expired
      from bellwire.tasks
      where id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
        and id < rpad(lpad(to_hex(floor(extract(epoch from now() - make_interval(days => $1, hours => -1)) * 1000)::bigint), 12, '0'), 32, '0')::uuid
        and ${agentId === undefined ? 'agent_id <> all($4::uuid[])' : 'agent_id = $4'}
      order by id limit $3`,
    values: [days, after ?? null, limit, agentId ?? except],
  })
  return {
    expired: rows.filter((row) => row.is_expired).map(({ id }) => id),
    later: rows.filter((row) => !row.is_expired).map(({ id }) => id),
    last: rows.length < limit ? undefined : rows.at(-1)?.id,
  }
}
