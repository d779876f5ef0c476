import type { Database } from '../../../db/database.ts'
import { onlyRow } from '../../../db/onlyRow.ts'
import type { Scanned } from '../listStatement.ts'
import { idAt } from '../../../db/id.ts'
import { createTaskReader } from '../taskReader.ts'
import { percentile } from './durations.ts'
import { SLOT_SECONDS } from './rollUp.ts'
import { BIN, ID_MARGIN_MS, OUTCOME, type Outcome } from './taskOutcome.ts'

/** How long to count tasks that are not in the counts of half hours. */
const COUNT_MS = 2_500

/** Tasks that the first statement reads. */
const FIRST = 2_000

export type Activity = Record<Outcome, number> & {
  /** By the number of the bucket, from 0. */
  buckets: Map<number, { total: number; failed: number }>
  p50: number | null
  p95: number | null
  /** Set when the time was up: tasks accepted before are not counted. */
  countedBackTo: Date | null
}

type Counts = {
  counts: { bucket: number; outcome: Outcome; count: number }[]
  bins: { bin: number; count: number }[]
}

/** From the first inclusive, to the second exclusive. */
type Range = { from: number; to: number }

/**
 * Counts the tasks accepted in a period by bucket and outcome, with the durations of those that succeeded: from the
 * counts of half hours that are over, and by reading the others, the newest first, for some seconds at most.
 */
export async function countActivity(
  db: Database,
  {
    since,
    until,
    bucketSeconds,
    timeMs = COUNT_MS,
  }: {
    since: Date
    /** The end of the last bucket. */
    until: Date
    bucketSeconds: number
    timeMs?: number
  },
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

  function add({ counts, bins: more }: Counts): void {
    for (const { bucket, outcome, count } of counts) {
      activity[outcome] += count
      const found = activity.buckets.get(bucket) ?? { total: 0, failed: 0 }
      found.total += count
      if (outcome === 'failed') found.failed += count
      activity.buckets.set(bucket, found)
    }
    for (const { bin, count } of more) bins.set(bin, (bins.get(bin) ?? 0) + count)
  }

  // Only whole half hours of a bucket can be added up.
  const slots = bucketSeconds % SLOT_SECONDS === 0 ? await readSlots(db, since, until) : []
  activity.countedBackTo = await readRanges(db, {
    ranges: gapsBetween(slots, { from: since.getTime(), to: until.getTime() }),
    buckets: { since, bucketSeconds },
    timeMs,
    add,
  })
  const oldest = activity.countedBackTo?.getTime() ?? 0
  const whole = slots.filter((slot) => slot >= oldest)
  if (whole.length > 0) add(await sumSlots(db, whole, { since, bucketSeconds }))
  return { ...activity, p50: percentile(bins, 0.5), p95: percentile(bins, 0.95) }
}

/** The half hours of a period that are counted, oldest first. */
async function readSlots(db: Database, since: Date, until: Date): Promise<number[]> {
  const { rows } = await db.pool.query<{ slot: Date }>({
    name: 'activity_slots',
    text: 'select slot from bellwire.task_activity where slot >= $1 and slot < $2 order by slot',
    values: [since, until],
  })
  return rows.map(({ slot }) => slot.getTime())
}

/** What is not counted of a period, newest first. */
function gapsBetween(slots: readonly number[], { from, to }: Range): Range[] {
  const gaps: Range[] = []
  let end = from
  for (const slot of slots) {
    if (slot > end) gaps.push({ from: end, to: slot })
    end = slot + SLOT_SECONDS * 1_000
  }
  if (to > end) gaps.push({ from: end, to })
  return gaps.toReversed()
}

/** @returns how far it came, when the time was up before the end */
async function readRanges(
  db: Database,
  {
    ranges,
    buckets,
    timeMs,
    add,
  }: { ranges: Range[]; buckets: Buckets; timeMs: number; add: (counts: Counts) => void },
): Promise<Date | null> {
  const begun = performance.now()
  const read = createTaskReader(db, FIRST)
  for (const [index, range] of ranges.entries()) {
    for (let cursor: string | undefined; ;) {
      // oxlint-disable-next-line no-await-in-loop -- each statement begins where the one before ended
      const chunk = await read<Scanned & Counts>((scan) => readTasks(range, buckets, { cursor, scan }))
      if (chunk) add(chunk)
      const isLast = !chunk || chunk.isLast || chunk.last === null
      const isLate = performance.now() - begun >= timeMs
      if (isLate && !isLast) return chunk.last_created_at
      if (isLate && index < ranges.length - 1) return new Date(range.from)
      if (isLast) break
      cursor = chunk.last ?? undefined
    }
  }
  return null
}

type Buckets = { since: Date; bucketSeconds: number }

function bucketOf(time: string, since: string, seconds: string): string {
  return `floor(extract(epoch from ${time} - ${since}) / ${seconds}::float8)::int`
}

function readTasks(
  { from, to }: Range,
  { since, bucketSeconds }: Buckets,
  { cursor, scan }: { cursor: string | undefined; scan: number },
) {
  return {
    text: `with scanned as materialized (
        select t.id, t.created_at, ${OUTCOME} as outcome, ${BIN} as bin
        from bellwire.tasks t where t.id >= $2 and t.id < $3
        order by t.id desc limit $1
      ), last as (select id, created_at from scanned order by id limit 1),
      matching as (select * from scanned where created_at >= $4 and created_at < $5)
      select (select coalesce(json_agg(c), '[]') from (
          select ${bucketOf('created_at', '$6', '$7')} as bucket, outcome, count(*)::int
          from matching group by 1, 2
        ) c) as counts,
        (select coalesce(json_agg(b), '[]') from (
          select bin, count(*)::int from matching where bin is not null group by 1
        ) b) as bins,
        (select count(*)::int from scanned) as scanned, (select id from last) as last,
        (select created_at from last) as last_created_at`,
    values: [
      scan,
      idAt(from - ID_MARGIN_MS),
      cursor ?? idAt(to + ID_MARGIN_MS),
      new Date(from),
      new Date(to),
      since,
      bucketSeconds,
    ],
  }
}

async function sumSlots(db: Database, slots: number[], { since, bucketSeconds }: Buckets): Promise<Counts> {
  return onlyRow(
    await db.pool.query<Counts>({
      name: 'activity_sums',
      text: `with rolled as materialized (
          select * from bellwire.task_activity where slot = any($1::timestamptz[])
        )
        select (select coalesce(json_agg(c), '[]') from (
            select ${bucketOf('slot', '$2', '$3')} as bucket, outcome, sum(tasks)::int as count
            from rolled, lateral (values ('succeeded', succeeded), ('failed', failed), ('cancelled', cancelled),
              ('unfinished', unfinished)) v (outcome, tasks)
            where tasks > 0 group by 1, 2
          ) c) as counts,
          (select coalesce(json_agg(b), '[]') from (
            select key::int as bin, sum(value::int)::int as count
            from rolled, json_each_text(durations) group by 1
          ) b) as bins`,
      values: [slots.map((slot) => new Date(slot)), since, bucketSeconds],
    }),
  )
}
