import type { Database } from '../../db/database.ts'

/** What is kept: days, and rows and bytes for each webhook and in all. */
export type RejectionLimits = {
  days: number
  ofWebhook: { rows: number; bytes: number }
  inAll: { rows: number; bytes: number }
}

const MIB = 1024 * 1024

export const REJECTION_LIMITS: RejectionLimits = {
  days: 14,
  ofWebhook: { rows: 1_000, bytes: 16 * MIB },
  inAll: { rows: 20_000, bytes: 256 * MIB },
}

/** Rows of one statement. */
const BATCH = 1_000

/**
 * Deletes rejections that are too old, and the oldest of those that are too many or take too much.
 *
 * @returns how many it deleted; there may be more when that is the whole batch
 */
export async function trimRejections(
  db: Database,
  { days, ofWebhook, inAll }: RejectionLimits = REJECTION_LIMITS,
  batch = BATCH,
): Promise<number> {
  const { rowCount } = await db.pool.query({
    name: 'rejections_trim',
    text: `delete from bellwire.rejections where id = any(array(
        select id from (
          select id, created_at,
            row_number() over webhook as rows_of_webhook, sum(stored) over webhook as bytes_of_webhook,
            row_number() over everything as rows_in_all, sum(stored) over everything as bytes_in_all
          from bellwire.rejections
          window webhook as (partition by webhook_id order by id desc), everything as (order by id desc)
        ) r
        where created_at < now() - make_interval(days => $1) or rows_of_webhook > $2 or bytes_of_webhook > $3
          or rows_in_all > $4 or bytes_in_all > $5
        order by id limit $6
      ))`,
    values: [days, ofWebhook.rows, ofWebhook.bytes, inAll.rows, inAll.bytes, batch],
  })
  return rowCount ?? 0
}
