import { toStorableText } from '../contract/storable.ts'
import type { Database } from '../db/database.ts'
import type { AttemptResult } from './attempt.ts'
import { nextDelay } from './retrySchedule.ts'

/** A delivery that this process has claimed for one attempt. */
export type ClaimedDelivery = {
  id: string
  taskId: string
  agentId: string
  webhookId: string
  kind: 'callback' | 'reply'
  event: string
  taskEvent: number
  /** Where the request wanted it; null for the address that the webhook has at the time of the attempt. */
  url: string | null
  content: 'full' | 'thin'
  body: Buffer | null
  /** Its number: of all attempts, and of those since it was last sent again by hand. */
  attempt: number
  roundAttempts: number
  /** Messages of a reply that were sent. */
  messagesSent: number
  createdAt: Date
}

/** How long others leave a claimed delivery alone: longer than an attempt can take. */
const CLAIM_SECONDS = 90

/**
 * Claims deliveries that are due, each for one attempt. When this process dies in the middle, the next attempt is due
 * after a while: with the same id, by which receivers tell that they had it.
 *
 * @param exceptWebhooks webhooks whose receivers have enough to do
 */
export async function claimDeliveries(
  db: Database,
  { limit, exceptWebhooks }: { limit: number; exceptWebhooks: readonly string[] },
): Promise<ClaimedDelivery[]> {
  const { rows } = await db.pool.query<ClaimedDelivery>({
    name: 'deliveries_claim',
    text: `update bellwire.deliveries d
      set attempts = d.attempts + 1, round_attempts = d.round_attempts + 1, due_at = now() + make_interval(secs => $3)
      from (
        select id from bellwire.deliveries where due_at <= now() and not webhook_id = any($2::uuid[])
        order by due_at limit $1 for update skip locked
      ) due
      where d.id = due.id
      returning d.id, d.task_id as "taskId", d.agent_id as "agentId", d.webhook_id as "webhookId", d.kind, d.event,
        d.task_event as "taskEvent", d.content,
        case d.kind when 'callback' then (select t.callback ->> 'url' from bellwire.tasks t where t.id = d.task_id) end
          as url, d.body, d.attempts as attempt,
        d.round_attempts as "roundAttempts", d.messages_sent as "messagesSent", d.created_at as "createdAt"`,
    values: [limit, exceptWebhooks, CLAIM_SECONDS],
  })
  return rows
}

/**
 * Stores the body before it is sent, so that every attempt sends the same.
 *
 * @throws Error when the delivery was claimed again in the meantime: a later attempt may have sent something else
 */
export async function keepBody(
  db: Database,
  { id, attempt, url }: Pick<ClaimedDelivery, 'id' | 'attempt' | 'url'>,
  body: Buffer,
): Promise<void> {
  const { rowCount } = await db.pool.query(
    `update bellwire.deliveries set body = $3, url = coalesce($4, url)
      where id = $1 and attempts = $2 and state = 'pending'`,
    [id, attempt, body, url],
  )
  if (rowCount !== 1) throw new Error(`the delivery ${id} was claimed again, or is no longer pending`)
}

/**
 * Writes how many messages of a reply were sent, and keeps the claim for the next one.
 *
 * @returns false when the delivery was claimed again meanwhile, or sent again by hand: others go on with it
 */
export async function keepProgress(
  db: Database,
  { id, attempt }: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  messagesSent: number,
): Promise<boolean> {
  const { rowCount } = await db.pool.query({
    name: 'deliveries_progress',
    text: `update bellwire.deliveries set messages_sent = $3, due_at = now() + make_interval(secs => $4)
      where id = $1 and attempts = $2 and state = 'pending'`,
    values: [id, attempt, messagesSent, CLAIM_SECONDS],
  })
  return rowCount === 1
}

/**
 * Writes what came of an attempt, and when the next one is due. Has no effect on the delivery when it was claimed
 * again, or sent again by hand, in the meantime; the attempt itself is kept.
 */
export async function writeAttempt(
  db: Database,
  delivery: ClaimedDelivery,
  result: AttemptResult,
  { startedAt }: { startedAt: Date },
): Promise<'delivered' | 'failed' | 'pending'> {
  // The JSON of a provider can say what its text could not hold.
  const error = result.error === null ? null : toStorableText(result.error)
  const isFinal = result.kind === 'gone' || result.kind === 'refused'
  const delay = result.kind === 'failed' ? nextDelay(delivery.roundAttempts, result.retryAfter) : undefined
  const state =
    result.kind === 'delivered' ? 'delivered' : isFinal || delay === undefined ? 'failed' : 'pending'
  await db.pool.query({
    name: 'deliveries_attempt',
    text: `with kept as (
        insert into bellwire.delivery_attempts (delivery_id, attempt, started_at, duration_ms, status, error, response)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict do nothing
      ), gone as (
        update bellwire.callbacks set disabled_at = now() where webhook_id = $8 and url = $9 and $10
      )
      update bellwire.deliveries
      set state = $11, error = $6, url = coalesce($9, url), due_at = case when $11 = 'pending' then now() + make_interval(secs => $12) end,
        finished_at = case when $11 <> 'pending' then now() end
      where id = $1 and attempts = $2 and state = 'pending'`,
    values: [
      delivery.id,
      delivery.attempt,
      startedAt,
      result.durationMs,
      result.status,
      error,
      result.response,
      delivery.webhookId,
      delivery.url,
      result.kind === 'gone',
      state,
      delay ?? 0,
    ],
  })
  return state
}
