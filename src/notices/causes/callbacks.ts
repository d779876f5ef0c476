import { shorten } from '../notice.ts'
import type { Cause } from './cause.ts'

/** Failed deliveries that one look takes in. */
const LIMIT = 1_000

type Off = { webhook_id: string; agent_id: string; agent: string; webhook: string; at: string }
type Failed = Omit<Off, 'at'> & {
  kind: 'callback' | 'reply'
  hour: string
  count: number
  error: string | null
}

/** Callbacks that their receivers have switched off, and deliveries and replies that have failed for good. */
export const callbacks: Cause = async (db, { callbacks: isWanted }) => {
  if (!isWanted) return []
  const { rows: off } = await db.query<Off>(
    `select c.webhook_id, w.agent_id, a.name as agent, w.name as webhook,
        extract(epoch from c.disabled_at)::bigint::text as at
      from bellwire.callbacks c
      join bellwire.webhooks w on w.id = c.webhook_id
      join bellwire.agents a on a.id = w.agent_id
      where c.disabled_at is not null and a.deleted_at is null`,
  )
  // Those that were never attempted failed because the callback was off.
  const { rows: failed } = await db.query<Failed>(
    `select d.webhook_id, d.agent_id, a.name as agent, w.name as webhook, d.kind, d.hour, count(*)::int as count,
        max(d.error) as error
      from (
        select webhook_id, agent_id, kind, error, attempts, finished_at,
          to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24') as hour
        from bellwire.deliveries where state = 'failed' order by number desc limit ${LIMIT}
      ) d
      join bellwire.webhooks w on w.id = d.webhook_id
      join bellwire.agents a on a.id = d.agent_id
      where d.attempts > 0 and d.finished_at > now() - interval '1 day' and a.deleted_at is null
      group by 1, 2, 3, 4, 5, 6`,
  )
  return [
    ...off.map(({ webhook_id: webhookId, agent_id: agentId, agent, webhook, at }) => ({
      key: `callback:${webhookId}:${at}`,
      kind: 'callbacks' as const,
      title: `The callback of ${agent}, webhook ${webhook}, is switched off: its receiver answered 410 Gone`,
      agentId,
      webhookId,
    })),
    ...failed.map(({ webhook_id: webhookId, agent_id: agentId, agent, webhook, kind, hour, error }) => ({
      key: `delivery:${webhookId}:${kind}:${hour}`,
      kind: 'callbacks' as const,
      title:
        `${kind === 'reply' ? 'Replies' : 'Deliveries'} of ${agent}, webhook ${webhook}, have failed` +
        (error === null ? '' : `: ${shorten(error, 200)}`),
      agentId,
      webhookId,
    })),
  ]
}
