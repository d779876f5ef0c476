import { durationSeconds } from '../../contract/duration.ts'
import type { Cause } from './cause.ts'

type Row = {
  webhook_id: string
  agent_id: string
  agent: string
  webhook: string
  expect_every: unknown
  seconds: number
  since: string
  has_rung: boolean
}

/** Webhooks that should have received a request by now; one that never has counts from when it was last changed. */
export const silence: Cause = async (db, { silence: isWanted }) => {
  if (!isWanted) return []
  const { rows } = await db.query<Row>(
    `select w.id as webhook_id, w.agent_id, a.name as agent, w.name as webhook, w.options -> 'expect_every' as expect_every,
        extract(epoch from now() - coalesce(l.last_at, w.updated_at))::float8 as seconds,
        extract(epoch from coalesce(l.last_at, w.updated_at))::bigint::text as since, l.last_at is not null as has_rung
      from bellwire.webhooks w
      join bellwire.agents a on a.id = w.agent_id
      left join bellwire.webhook_activity l on l.webhook_id = w.id
      where w.options -> 'expect_every' is not null and w.enabled and a.deleted_at is null`,
  )
  return rows.flatMap((row) => {
    const expected = durationSeconds(row.expect_every)
    if (expected === undefined || row.seconds <= expected) return []
    const since = row.has_rung ? `for ${sayDuration(row.seconds)}` : 'since it was saved'
    return [
      {
        key: `silence:${row.webhook_id}:${row.since}`,
        kind: 'silence',
        title: `The webhook ${row.webhook} of ${row.agent} has received no request ${since}; one is expected every ${sayDuration(expected)}`,
        agentId: row.agent_id,
        webhookId: row.webhook_id,
      },
    ]
  })
}

function sayDuration(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (minutes < 1) return `${Math.round(seconds)} s`
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
