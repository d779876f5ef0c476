import type { DeliveryKind, DeliveryState } from '../contract/callback.ts'
import type { Database } from '../db/database.ts'
import { isId } from '../db/id.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'
import { BellwireError } from '../errors.ts'

/** A delivery as lists show it. */
export type Delivery = {
  id: string
  number: number
  taskId: string
  agentId: string
  webhookId: string
  kind: DeliveryKind
  event: string
  url: string | null
  state: DeliveryState
  attempts: number
  dueAt: Date | null
  error: string | null
  createdAt: Date
  finishedAt: Date | null
}

export type DeliveryAttempt = {
  attempt: number
  startedAt: Date
  durationMs: number
  status: number | null
  error: string | null
  response: string | null
}

export type DeliveryFilter = {
  state?: DeliveryState | undefined
  agentId?: string | undefined
  webhookId?: string | undefined
  taskId?: string | undefined
  since?: Date | undefined
  until?: Date | undefined
}

/** What was sent, or will be. Methods throw BellwireError `delivery_not_found`. */
export type Deliveries = {
  /** Newest first; `after` is the number of a delivery. */
  list(filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>
  get(id: string): Promise<Delivery & { body: string | null; attemptList: DeliveryAttempt[] }>
  /**
   * Sends a delivery again, with all attempts of the retry schedule: one that has failed, and one that was delivered
   * as well. One that is pending is due at once, unless an attempt is under way.
   */
  resend(id: string): Promise<Delivery>
  /**
   * Sends again all that match, those that have failed unless the filter names a state.
   *
   * @returns how many
   * @throws BellwireError `agent_not_found`, `webhook_not_found`, `task_not_found` when the filter names what is not there
   */
  resendAll(filter: DeliveryFilter): Promise<number>
}

const COLUMNS = `d.id, d.number::float8 as number, d.task_id as "taskId", d.agent_id as "agentId", d.webhook_id as "webhookId",
  d.kind, d.event, d.url, d.state, d.attempts, d.due_at as "dueAt", d.error, d.created_at as "createdAt",
  d.finished_at as "finishedAt"`

const MATCHES = `($1::text is null or d.state = $1) and ($2::uuid is null or d.agent_id = $2)
  and ($3::uuid is null or d.webhook_id = $3) and ($4::uuid is null or d.task_id = $4)
  and ($5::timestamptz is null or d.created_at >= $5) and ($6::timestamptz is null or d.created_at < $6)`

/** The id that lists, links and headers carry: `msg_` and a UUID. */
export function publicDeliveryId(id: string): string {
  return `msg_${id}`
}

/**
 * A reply that was sent in part is continued; one that was sent is sent from its beginning. An attempt that is under way,
 * whose row is not there yet, is not repeated beside itself.
 */
const AGAIN = `set state = 'pending', round_attempts = 0, finished_at = null, error = null,
  due_at = case when d.state = 'pending' and d.attempts > 0 and not exists (
      select from bellwire.delivery_attempts a where a.delivery_id = d.id and a.attempt = d.attempts
    ) then d.due_at else now() end,
  messages_sent = case when d.state = 'delivered' then 0 else d.messages_sent end`

/** Rows of one statement of a resend. */
const RESEND_BATCH = 1_000

export function createDeliveries({ db }: { db: Database }): Deliveries {
  const rowId = (id: string): string => {
    const uuid = id.replace(/^msg_/, '')
    if (!isId(uuid)) throw new BellwireError('delivery_not_found')
    return uuid
  }

  return {
    async list(filter, { limit, after }) {
      const { rows } = await db.pool.query<Delivery>(
        `select ${COLUMNS} from bellwire.deliveries d
          where ${MATCHES} and ($7::bigint is null or d.number < $7) order by d.number desc limit $8`,
        [...valuesOf(filter), after ?? null, limit + 1],
      )
      return toPage(rows, { limit, name: (row) => String(row.number), show: (row) => row })
    },

    async get(id) {
      const key = rowId(id)
      const { rows } = await db.pool.query<Delivery & { body: Buffer | null }>(
        `select ${COLUMNS}, d.body from bellwire.deliveries d where d.id = $1`,
        [key],
      )
      if (!rows[0]) throw new BellwireError('delivery_not_found')
      const { rows: attemptList } = await db.pool.query<DeliveryAttempt>(
        `select attempt, started_at as "startedAt", duration_ms as "durationMs", status, error, response
          from bellwire.delivery_attempts where delivery_id = $1 order by attempt`,
        [key],
      )
      return { ...rows[0], body: rows[0].body?.toString('utf8') ?? null, attemptList }
    },

    async resend(id) {
      const { rows } = await db.pool.query<Delivery>(
        `update bellwire.deliveries d ${AGAIN} where d.id = $1 returning ${COLUMNS}`,
        [rowId(id)],
      )
      if (!rows[0]) throw new BellwireError('delivery_not_found')
      return rows[0]
    },

    async resendAll(filter) {
      await refuseUnknown(db, filter)
      const values = valuesOf({ ...filter, state: filter.state ?? 'failed' })
      let total = 0
      // Downwards by number: what is sent again does not match twice, whatever becomes of it meanwhile.
      for (let below: number | null = null; ;) {
        const { rows }: { rows: { number: number }[] } = await db.pool.query(
          `update bellwire.deliveries d ${AGAIN} where d.id in (
              select d.id from bellwire.deliveries d where ${MATCHES} and ($7::bigint is null or d.number < $7)
              order by d.number desc limit ${RESEND_BATCH} for update skip locked
            ) returning d.number::float8 as number`,
          [...values, below],
        )
        total += rows.length
        if (rows.length < RESEND_BATCH) return total
        below = Math.min(...rows.map(({ number }) => number))
      }
    },
  }
}

/** An id that is mistyped would send nothing, and look as if there were nothing to send. */
async function refuseUnknown(db: Database, { agentId, webhookId, taskId }: DeliveryFilter): Promise<void> {
  const named = [
    { id: agentId, table: 'agents', code: 'agent_not_found' },
    { id: webhookId, table: 'webhooks', code: 'webhook_not_found' },
    { id: taskId, table: 'tasks', code: 'task_not_found' },
  ] as const
  for (const { id, table, code } of named) {
    if (id === undefined) continue
    const { rowCount } = isId(id)
      ? await db.pool.query(`select from bellwire.${table} where id = $1`, [id])
      : { rowCount: 0 }
    if (rowCount === 0) throw new BellwireError(code)
  }
}

/** An id that cannot be one matches nothing, as one that does not exist. */
function valuesOf({ state, agentId, webhookId, taskId, since, until }: DeliveryFilter): unknown[] {
  const ids = [agentId, webhookId, taskId].map((id) => (id === undefined || isId(id) ? (id ?? null) : NO_ID))
  return [state ?? null, ...ids, since ?? null, until ?? null]
}

const NO_ID = '00000000-0000-0000-0000-000000000000'
