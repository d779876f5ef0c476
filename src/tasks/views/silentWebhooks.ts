import { durationSeconds } from '../../contract/duration.ts'
import type { Queryable } from '../../db/database.ts'

/** A webhook that should have received a request by now. */
export type SilentWebhook = {
  webhookId: string
  webhook: string
  agentId: string
  agent: string
  /** How often a request is expected. */
  expectedSeconds: number
  /** The last request; null if there was none. */
  lastAt: Date | null
  /** Since the last request; if there was none, since the webhook was last changed. */
  silentSeconds: number
  /** When the silence began, in whole seconds since 1970. */
  since: string
}

type Row = Omit<SilentWebhook, 'expectedSeconds'> & { expected: unknown }

/** Webhooks with `expect_every` that have received no request for longer, the longest silence first. */
export async function readSilentWebhooks(source: Queryable): Promise<SilentWebhook[]> {
  const { rows } = await source.query<Row>(
    `select w.id as "webhookId", w.name as webhook, w.agent_id as "agentId", a.name as agent, l.last_at as "lastAt",
        w.options -> 'expect_every' as expected,
        extract(epoch from now() - coalesce(l.last_at, w.updated_at))::float8 as "silentSeconds",
        extract(epoch from coalesce(l.last_at, w.updated_at))::bigint::text as since
      from bellwire.webhooks w
      join bellwire.agents a on a.id = w.agent_id
      left join bellwire.webhook_activity l on l.webhook_id = w.id
      where w.options -> 'expect_every' is not null and w.enabled and a.deleted_at is null
      order by "silentSeconds" desc`,
  )
  return rows.flatMap(({ expected, ...row }) => {
    const expectedSeconds = durationSeconds(expected)
    return expectedSeconds === undefined || row.silentSeconds <= expectedSeconds
      ? []
      : [{ ...row, expectedSeconds }]
  })
}
