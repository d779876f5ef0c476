import type { Overview, OverviewPeriod } from '../../../contract/overview.ts'
import type { UsageReport } from '../../../contract/usageReport.ts'
import type { Database } from '../../../db/database.ts'
import { readNow } from '../../../db/readNow.ts'
import { queueDepth } from '../../../queue/queue.ts'
import { reportUsage } from '../../budgets/usage.ts'
import { countActivity } from './countActivity.ts'
import { readAttention } from './readAttention.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE

/** How long a period is, and in which steps it is shown: about 50 to 70 of them. */
const PERIODS: Record<OverviewPeriod, { seconds: number; bucketSeconds: number }> = {
  '1h': { seconds: HOUR, bucketSeconds: MINUTE },
  '6h': { seconds: 6 * HOUR, bucketSeconds: 5 * MINUTE },
  '24h': { seconds: 24 * HOUR, bucketSeconds: 30 * MINUTE },
  '7d': { seconds: 7 * 24 * HOUR, bucketSeconds: 3 * HOUR },
  '30d': { seconds: 30 * 24 * HOUR, bucketSeconds: 12 * HOUR },
}

const MOST_SPENDERS = 10

/** Minimum time that a read is kept, and how many times as long as it took: see createReadOverview. */
const FRESH_MS = 2_000
const FRESH_FACTOR = 10

/**
 * Creates the function that reads the overview. A read is kept for some seconds, and for ten times as long as it took:
 * however many people look and however many tasks there are, it costs at most a tenth of a few connections. Not a
 * lookup cache, because of this time; there are as many entries as periods.
 */
export function createReadOverview(db: Database): (period: OverviewPeriod) => Promise<Overview> {
  const known = new Map<OverviewPeriod, { overview: Promise<Overview>; until: number }>()

  return (period) => {
    const before = known.get(period)
    if (before && before.until > performance.now()) return before.overview
    const begun = performance.now()
    const overview = readOverview(db, period)
    const reading = { overview, until: Infinity }
    known.set(period, reading)
    overview.then(
      () => {
        const now = performance.now()
        reading.until = now + Math.max(FRESH_MS, (now - begun) * FRESH_FACTOR)
      },
      () => known.delete(period),
    )
    return overview
  }
}

export async function readOverview(
  db: Database,
  period: OverviewPeriod,
  { now: given, timeMs }: { now?: Date; timeMs?: number } = {},
): Promise<Overview> {
  const now = given ?? (await readNow(db.pool))
  const { seconds, bucketSeconds } = PERIODS[period]
  const step = bucketSeconds * 1000
  // Buckets begin at round times; the last one is the present one, which is not over.
  const end = (Math.floor(now.getTime() / step) + 1) * step
  const since = new Date(end - seconds * 1000)
  const from = since.toISOString().slice(0, 10)
  const to = now.toISOString().slice(0, 10)
  const [activity, queue, workers, byAgent, byModel, attention] = await Promise.all([
    countActivity(db, {
      since,
      until: new Date(end),
      bucketSeconds,
      ...(timeMs === undefined ? {} : { timeMs }),
    }),
    queueDepth(db.pool),
    db.pool.query<{ alive: number }>(
      'select count(*)::int as alive from bellwire.workers where ended_at is null and parent_id is null',
    ),
    reportUsage(db, { from, to, group_by: 'agent' }),
    reportUsage(db, { from, to, group_by: 'model' }),
    readAttention(db, { since, until: now }),
  ])
  const { succeeded, failed, cancelled, unfinished } = activity
  return {
    period,
    since: since.toISOString(),
    until: now.toISOString(),
    counted_back_to: activity.countedBackTo?.toISOString() ?? null,
    tasks: {
      total: succeeded + failed + cancelled + unfinished,
      succeeded,
      failed,
      cancelled,
      unfinished,
      success_rate: succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
      p50_ms: activity.p50,
      p95_ms: activity.p95,
    },
    bucket_seconds: bucketSeconds,
    buckets: Array.from({ length: seconds / bucketSeconds }, (_, bucket) => ({
      from: new Date(since.getTime() + bucket * step).toISOString(),
      ...(activity.buckets.get(bucket) ?? { total: 0, failed: 0 }),
    })),
    queue: { due: queue.due, later: queue.later, oldest_seconds: queue.seconds },
    workers: { alive: workers.rows[0]?.alive ?? 0 },
    spending: {
      from,
      to,
      agents: byAgent.data.slice(0, MOST_SPENDERS).map((row) => ({
        agent_id: row.agent_id ?? '',
        agent_name: row.agent_name ?? '',
        ...spendingOf(row),
      })),
      models: byModel.data
        .slice(0, MOST_SPENDERS)
        .map((row) => ({ model: row.model ?? '', ...spendingOf(row) })),
      total: spendingOf(byAgent.total),
    },
    attention,
  }
}

function spendingOf({ runs, input_tokens, output_tokens, cost_usd }: UsageReport['total']) {
  return { runs, tokens: input_tokens + output_tokens, cost_usd: cost_usd ?? null }
}
