import type { RejectionReason } from '../../contract/rejectionReason.ts'
import type { InboundRequest } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import { toPage, type Page, type PageRequest } from '../../db/page.ts'
import { BellwireError } from '../../errors.ts'

/** A rejection as lists show it. */
export type RejectionListed = {
  id: string
  webhook_id: string
  /** Null when the webhook was deleted. */
  webhook_name: string | null
  agent_id: string
  agent_name: string | null
  reason: RejectionReason
  expected: string | null
  received: string | null
  detail: string | null
  method: string
  content_type: string | null
  size: number
  repeats: number
  task_id: string | null
  accepted_task_id: string | null
  accepted_at: Date | null
  created_at: Date
}

/** All that is kept of it. */
export type KeptRejection = RejectionListed & {
  headers: Record<string, string>
  query: InboundRequest['query']
  body: Buffer
  body_complete: boolean
  sender_verified: boolean
}

export type RejectionFilter = {
  webhookId?: string | undefined
  agentId?: string | undefined
  reason?: RejectionReason | undefined
  /** ISO 8601. */
  since?: string | undefined
  until?: string | undefined
}

const COLUMNS = `r.id, r.webhook_id, w.name as webhook_name, r.agent_id, a.name as agent_name, r.reason, r.expected,
  r.received, r.detail, r.method, r.content_type, r.size::float8 as size, r.repeats, r.task_id, r.accepted_task_id,
  r.accepted_at, r.created_at`

const FROM = `from bellwire.rejections r
  left join bellwire.webhooks w on w.id = r.webhook_id
  left join bellwire.agents a on a.id = r.agent_id`

/** Newest first. */
export async function listRejections(
  db: Database,
  filter: RejectionFilter,
  { limit, after }: PageRequest,
): Promise<Page<RejectionListed>> {
  const values: unknown[] = [limit + 1]
  const conditions: string[] = ['true']
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`))
  }
  add(filter.webhookId, (id) => `r.webhook_id = ${id}`)
  add(filter.agentId, (id) => `r.agent_id = ${id}`)
  add(filter.reason, (reason) => `r.reason = ${reason}`)
  add(filter.since, (since) => `r.created_at >= ${since}`)
  add(filter.until, (until) => `r.created_at < ${until}`)
  add(after, (id) => `r.id < ${id}`)
  const { rows } = await db.pool.query<RejectionListed>(
    `select ${COLUMNS} ${FROM} where ${conditions.join(' and ')} order by r.id desc limit $1`,
    values,
  )
  return toPage(rows, { limit, name: ({ id }) => id, show: (row) => row })
}

/** @throws BellwireError `rejection_not_found` */
export async function readRejection(db: Database, id: string): Promise<KeptRejection> {
  const { rows } = isId(id)
    ? await db.pool.query<KeptRejection>(
        `select ${COLUMNS}, r.headers, r.query, r.body, r.body_complete, r.sender_verified ${FROM} where r.id = $1`,
        [id],
      )
    : { rows: [] }
  if (!rows[0]) throw new BellwireError('rejection_not_found')
  return rows[0]
}

/** Finds the latest requests that the filter of a webhook kept out and that nobody has accepted, newest first. */
export async function listFilteredOut(
  db: Database,
  { webhookId, limit }: { webhookId: string; limit: number },
): Promise<Pick<RejectionListed, 'id' | 'created_at'>[]> {
  const { rows } = await db.pool.query<Pick<RejectionListed, 'id' | 'created_at'>>(
    `select id, created_at from bellwire.rejections
      where webhook_id = $1 and reason in ('filtered', 'filter_failed') and accepted_task_id is null
      order by id desc limit $2`,
    [webhookId, limit],
  )
  return rows
}
