import type { Queryable } from '../db/database.ts'

export type ProviderUser = { agentId: string; name: string }

/** The agents whose latest revision uses a model of each provider, by the provider's name. */
export async function readProviderUse(
  source: Queryable,
  provider?: string,
): Promise<Map<string, ProviderUser[]>> {
  const { rows } = await source.query<ProviderUser & { provider: string }>(
    `select a.id as "agentId", a.name, split_part(r.config ->> 'model', '/', 1) as provider from bellwire.agents a
      join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
      where a.deleted_at is null and ($1::text is null or split_part(r.config ->> 'model', '/', 1) = $1)
      order by a.name, a.id`,
    [provider ?? null],
  )
  const use = new Map<string, ProviderUser[]>()
  for (const { provider: name, ...user } of rows) use.set(name, [...(use.get(name) ?? []), user])
  return use
}
