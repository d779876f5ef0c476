import type { Database } from '../../../db/database.ts'
import { idAt } from '../../../db/id.ts'
import { BIN, ID_MARGIN_MS, OUTCOME } from './taskOutcome.ts'

/** What is counted together: a half hour. */
export const SLOT_SECONDS = 1_800

/** Counts are kept for longer than the longest period that is shown. */
const KEPT = `interval '32 days'`

/** A task that is accepted in a half hour is committed this soon after it. */
const COMMITTED = `interval '2 minutes'`

/** Half hours that one statement counts. */
const BATCH = 16

/** Half hours with more tasks than these are counted again less often, while some of them have not ended. */
const MANY = 10_000

/**
 * Counts the tasks of half hours that are over and were not counted yet, the latest first, and those of which tasks had
 * not ended, again. Deletes counts that are too old to be shown.
 *
 * @returns how many half hours were counted: fewer than asked for when there are no more
 */
export async function rollUpActivity(
  db: Database,
  { batch = BATCH, now }: { batch?: number; now?: Date } = {},
) {
  const { rows: due } = await db.pool.query<{ slot: Date }>({
    name: 'activity_due',
    text: `with times as (
        select coalesce($2::timestamptz, now()) as now
      ), deleted as (
        delete from bellwire.task_activity where slot < (select now - ${KEPT} from times)
      ), slots as (
        select to_timestamp(n * ${SLOT_SECONDS}) as slot from times,
          generate_series(
            ceil(extract(epoch from now - ${KEPT}) / ${SLOT_SECONDS})::bigint,
            floor(extract(epoch from now - ${COMMITTED}) / ${SLOT_SECONDS})::bigint - 1
          ) n
      )
      select slot from slots left join bellwire.task_activity a using (slot), times
      where a.slot is null or a.recount_at <= times.now
      order by slot desc limit $1`,
    values: [batch, now ?? null],
  })
  if (due.length === 0) return 0
  const starts = due.map(({ slot }) => slot.getTime())
  await db.pool.query({
    name: 'activity_roll_up',
    text: `with wanted as (
        select * from unnest($1::timestamptz[], $2::uuid[], $3::uuid[]) as w (slot, first_id, end_id)
      ), counted as (
        select w.slot, t.outcome, t.bin, count(*)::int as tasks
        from wanted w, lateral (
          select ${OUTCOME} as outcome, ${BIN} as bin from bellwire.tasks t
          where t.id >= w.first_id and t.id < w.end_id
            and t.created_at >= w.slot and t.created_at < w.slot + make_interval(secs => ${SLOT_SECONDS})
        ) t group by 1, 2, 3
      ), summed as (
        select slot, coalesce(sum(tasks) filter (where outcome = 'succeeded'), 0)::int as succeeded,
          coalesce(sum(tasks) filter (where outcome = 'failed'), 0)::int as failed,
          coalesce(sum(tasks) filter (where outcome = 'cancelled'), 0)::int as cancelled,
          coalesce(sum(tasks) filter (where outcome = 'unfinished'), 0)::int as unfinished,
          coalesce(json_object_agg(bin, tasks) filter (where bin is not null), '{}') as durations
        from wanted left join counted using (slot) group by slot
      )
      insert into bellwire.task_activity as a
      select slot, succeeded, failed, cancelled, unfinished, durations, case when unfinished > 0
        then coalesce($4::timestamptz, now()) + case when succeeded + failed + cancelled + unfinished > ${MANY}
          then interval '10 minutes' else interval '1 minute' end end
      from summed
      on conflict (slot) do update set succeeded = excluded.succeeded, failed = excluded.failed,
        cancelled = excluded.cancelled, unfinished = excluded.unfinished, durations = excluded.durations,
        recount_at = excluded.recount_at`,
    values: [
      due.map(({ slot }) => slot),
      starts.map((start) => idAt(start - ID_MARGIN_MS)),
      starts.map((start) => idAt(start + SLOT_SECONDS * 1_000 + ID_MARGIN_MS)),
      now ?? null,
    ],
  })
  return due.length
}
