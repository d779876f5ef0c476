import type { Ring } from '../../contract/firstRing.ts'
import { RejectionReason } from '../../contract/rejectionReason.ts'
import { parseStored } from '../../contract/longJson/parseLong.ts'
import type { Database } from '../../db/database.ts'

/** How many requests of one webhook are kept. */
export const MAX_RINGS = 5

/** A request as it is stored. `payload` is JSON text. */
export type NewRing = {
  id: string
  webhookId: string
  method: string
  headers: Record<string, string>
  query: Readonly<Record<string, string | string[]>>
  contentType: string | undefined
  size: number
  payload: Buffer | undefined
  taskId: string | undefined
  reason: string | undefined
}

/** The kept requests of webhooks without a source. */
export type Rings = {
  /** Keeps a request, unless its webhook has a source, is gone, or has as many as are kept. Tells whether it did. */
  add(ring: NewRing): Promise<boolean>
  /** Those of a webhook, oldest first. */
  list(webhookId: string): Promise<Ring[]>
  /** Deletes those of a webhook: the next ones are kept. */
  forget(webhookId: string): Promise<void>
}

type Row = Omit<NewRing, 'webhookId' | 'payload' | 'taskId' | 'contentType'> & {
  received_at: Date
  content_type: string | null
  payload: Buffer | null
  task_id: string | null
  reason: string | null
}

export function createRings(db: Database): Rings {
  return {
    async add(ring) {
      // Two requests at the same moment may make it one more than are kept, which harms nothing.
      const { rowCount } = await db.pool.query({
        name: 'ring_add',
        text: `insert into bellwire.rings
            (id, webhook_id, method, headers, query, content_type, size, payload, task_id, reason)
          select $1, w.id, $3, $4, $5, $6, $7, $8, $9, $10 from bellwire.webhooks w
          where w.id = $2 and coalesce(w.options->>'source', 'generic') = 'generic'
            and (select count(*) from bellwire.rings r where r.webhook_id = w.id) < $11`,
        values: [
          ring.id,
          ring.webhookId,
          ring.method,
          JSON.stringify(ring.headers),
          JSON.stringify(ring.query),
          ring.contentType ?? null,
          ring.size,
          ring.payload ?? null,
          ring.taskId ?? null,
          ring.reason ?? null,
          MAX_RINGS,
        ],
      })
      return rowCount === 1
    },

    async list(webhookId) {
      const { rows } = await db.pool.query<Row>({
        name: 'ring_list',
        text: `select id, received_at, method, headers, query, content_type, size, payload, task_id, reason
          from bellwire.rings where webhook_id = $1 order by id`,
        values: [webhookId],
      })
      return await Promise.all(rows.map(show))
    },

    async forget(webhookId) {
      await db.pool.query('delete from bellwire.rings where webhook_id = $1', [webhookId])
    },
  }
}

async function show({ received_at: receivedAt, payload, reason, ...row }: Row): Promise<Ring> {
  const parsed = RejectionReason.safeParse(reason)
  return {
    id: row.id,
    received_at: receivedAt.toISOString(),
    method: row.method,
    headers: row.headers,
    query: row.query,
    content_type: row.content_type,
    size: row.size,
    payload: payload === null ? null : await parseStored(payload),
    task_id: row.task_id,
    reason: parsed.success ? parsed.data : null,
  }
}
