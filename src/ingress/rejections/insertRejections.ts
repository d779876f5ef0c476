import type { Database } from '../../db/database.ts'
import type { RejectionRow } from './rejectionRow.ts'

/** Writes rejections. Times are told by their age: the clock of the database counts. */
export async function insertRejections(db: Database, rows: RejectionRow[]): Promise<void> {
  if (rows.length === 0) return
  const now = Date.now()
  const column = <Key extends keyof RejectionRow>(key: Key) => rows.map((row) => row[key] ?? null)
  await db.pool.query({
    name: 'rejections_insert',
    text: `insert into bellwire.rejections
      (id, webhook_id, agent_id, task_id, reason, expected, received, detail, method, headers, query, content_type,
        size, body, body_complete, sender_verified, stored, created_at)
      select id, webhook_id, agent_id, task_id, reason, expected, received, detail, method, headers::json,
        query::json, content_type, size, body, body_complete, coalesce(sender_verified, false), stored,
        now() - make_interval(secs => age::float8 / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bytea[], $15::bool[], $16::bool[],
        $17::int[], $18::bigint[])
      as i(id, webhook_id, agent_id, task_id, reason, expected, received, detail, method, headers, query,
        content_type, size, body, body_complete, sender_verified, stored, age)`,
    values: [
      column('id'),
      column('webhookId'),
      column('agentId'),
      column('taskId'),
      column('reason'),
      column('expected'),
      column('received'),
      column('detail'),
      column('method'),
      column('headers'),
      column('query'),
      column('contentType'),
      column('size'),
      column('body'),
      column('bodyComplete'),
      column('senderVerified'),
      column('stored'),
      rows.map((row) => Math.max(0, Math.round(now - row.receivedAt))),
    ],
  })
}

/** Adds to the counts of rejections that stand for others like them. */
export async function addRepeats(db: Database, repeats: ReadonlyMap<string, number>): Promise<void> {
  if (repeats.size === 0) return
  await db.pool.query({
    name: 'rejections_repeat',
    text: `update bellwire.rejections r set repeats = least(r.repeats::bigint + i.n, 2000000000)::int
      from unnest($1::uuid[], $2::int[]) as i(id, n) where r.id = i.id`,
    values: [[...repeats.keys()], [...repeats.values()]],
  })
}
