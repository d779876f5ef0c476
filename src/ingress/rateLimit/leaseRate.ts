import type { RateLimit } from '../../contract/rateLimit.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'
import type { Database } from '../../db/database.ts'

/** A part of the allowance of a webhook, for one process. */
export type RateLease = {
  /** Requests that the process may take in. */
  granted: number
  /** What is left for others, and for later leases. */
  left: number
  /** Milliseconds until the window is over. */
  resetsInMs: number
}

/**
 * Takes a part of what is left of a webhook's allowance in its present window; begins a new window when that is over.
 * The row is locked meanwhile, so processes together never get more than the limit.
 *
 * @param wanted is given, where so much is left
 */
export async function leaseRate(
  db: Database,
  webhookId: string,
  { requests, per_seconds }: RateLimit,
  wanted: number,
): Promise<RateLease> {
  const { rows } = await retryOnConflict(() =>
    db.pool.query<{ granted: number; used: number; ms: number }>({
      name: 'rate_lease',
      text: `insert into bellwire.webhook_rates as r (webhook_id, started_at, used, granted)
        select id, now(), least($2::int, $4::int), least($2::int, $4::int) from bellwire.webhooks where id = $1
        on conflict (webhook_id) do update set
          started_at = case when ${IS_OVER} then now() else r.started_at end,
          used = case when ${IS_OVER} then excluded.used else r.used + ${REST} end,
          granted = case when ${IS_OVER} then excluded.granted else ${REST} end
        returning granted, used,
          (extract(epoch from r.started_at + make_interval(secs => $3::float8) - now()) * 1000)::float8 as ms`,
      values: [webhookId, requests, per_seconds, wanted],
    }),
  )
  // The webhook was deleted meanwhile: accepting will say so.
  const { granted, used, ms } = rows[0] ?? { granted: wanted, used: wanted, ms: 1_000 }
  return { granted, left: Math.max(0, requests - used), resetsInMs: ms }
}

const IS_OVER = `r.started_at + make_interval(secs => $3::float8) <= now()`
const REST = `greatest(0, least($4::int, $2::int - r.used))`
