import type { Database } from '../../../db/database.ts'
import { WAITED } from '../../approvals/waited.ts'
import type { Scanned } from '../listStatement.ts'
import { idAt } from '../../../db/id.ts'
import { createTaskReader } from '../taskReader.ts'

/** How long to count. */
const COUNT_MS = 2_500

/** Tasks that the first statement reads. */
const FIRST = 2_000

/** Durations are counted in bins, each 5% wider than the one before: percentiles of any number of tasks, in parts. */
const BINS_PER_E = 20

type Outcome = 'succeeded' | 'failed' | 'cancelled' | 'unfinished'

export type Activity = Record<Outcome, number> & {
  /** By the number of the bucket, from 0. */
  buckets: Map<number, { total: number; failed: number }>
  p50: number | null
  p95: number | null
  /** Set when the time was up: tasks accepted before are not counted. */
  countedBackTo: Date | null
}

type Read = Scanned & {
  counts: { bucket: number; outcome: Outcome; count: number }[]
  bins: { bin: number; count: number }[]
}

/**
 * Counts the tasks accepted since a time by bucket and outcome, with the durations of those that succeeded. It reads
 * backwards in time, by the primary key, for some seconds at most.
 */
export async function countActivity(
  db: Database,
  { since, bucketSeconds, timeMs = COUNT_MS }: { since: Date; bucketSeconds: number; timeMs?: number },
): Promise<Activity> {
  const activity: Activity = {
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    unfinished: 0,
    buckets: new Map(),
    p50: null,
    p95: null,
    countedBackTo: null,
  }
  const bins = new Map<number, number>()
  const begun = performance.now()
  const read = createTaskReader(db, FIRST)
  for (let cursor: string | undefined; ;) {
    const chunk = await read<Read>((scan) => statementOf({ since, bucketSeconds, cursor, scan }))
    for (const { bucket, outcome, count } of chunk?.counts ?? []) {
      activity[outcome] += count
      const found = activity.buckets.get(bucket) ?? { total: 0, failed: 0 }
      found.total += count
      if (outcome === 'failed') found.failed += count
      activity.buckets.set(bucket, found)
    }
    for (const { bin, count } of chunk?.bins ?? []) bins.set(bin, (bins.get(bin) ?? 0) + count)
    if (!chunk || chunk.isLast || chunk.last === null) break
    cursor = chunk.last
    if (performance.now() - begun >= timeMs) {
      activity.countedBackTo = chunk.last_created_at
      break
    }
  }
  return { ...activity, p50: percentile(bins, 0.5), p95: percentile(bins, 0.95) }
}

function statementOf({
  since,
  bucketSeconds,
  cursor,
  scan,
}: {
  since: Date
  bucketSeconds: number
  cursor: string | undefined
  scan: number
}) {
  return {
    text: `with scanned as materialized (
        select t.id, t.created_at, case t.state when 'SUCCESS' then 'succeeded' when 'FAILURE' then 'failed'
            when 'CANCELLED' then 'cancelled' else 'unfinished' end as outcome,
          case when t.state = 'SUCCESS' then extract(epoch from t.finished_at - t.started_at) * 1000 - (${WAITED}) end as ms
        from bellwire.tasks t where t.id >= $2 ${cursor === undefined ? '' : 'and t.id < $5'}
        order by t.id desc limit $1
      ), last as (select id, created_at from scanned order by id limit 1),
      matching as (select * from scanned where created_at >= $3)
      select (select coalesce(json_agg(c), '[]') from (
          select floor(extract(epoch from created_at - $3) / $4::float8)::int as bucket, outcome, count(*)::int
          from matching group by 1, 2
        ) c) as counts,
        (select coalesce(json_agg(b), '[]') from (
          select floor(ln(greatest(ms, 1)) * ${BINS_PER_E})::int as bin, count(*)::int
          from matching where ms is not null group by 1
        ) b) as bins,
        (select count(*)::int from scanned) as scanned, (select id from last) as last,
        (select created_at from last) as last_created_at`,
    values: [scan, idAt(since.getTime()), since, bucketSeconds, ...(cursor === undefined ? [] : [cursor])],
  }
}

/** The middle of the bin that holds the percentile, in milliseconds; null without any. */
function percentile(bins: ReadonlyMap<number, number>, share: number): number | null {
  const total = [...bins.values()].reduce((sum, count) => sum + count, 0)
  let left = Math.ceil(total * share)
  for (const [bin, count] of [...bins].toSorted(([a], [b]) => a - b)) {
    left -= count
    if (left <= 0) return Math.round(Math.exp((bin + 0.5) / BINS_PER_E))
  }
  return null
}
