import type { Database } from '../db/database.ts'
import { repeat } from '../db/repeat.ts'
import type { GuardedFetch } from '../tools/guardedFetch.ts'
import type { Log } from '../telemetry/log.ts'
import { attempt, unsent, type AttemptResult } from './attempt.ts'
import type { Callbacks } from './callbacks.ts'
import { publicDeliveryId } from './deliveries.ts'
import { writeBody } from './deliveryBody.ts'
import { claimDeliveries, keepBody, writeAttempt, type ClaimedDelivery } from './deliveryQueue.ts'
import { signatureHeaders } from './signature.ts'
import { createStepDeliveries } from './stepDeliveries.ts'

const LOOK_EVERY_MS = 500

/** Attempts under way in this process at most, and of one webhook: a slow receiver must not delay the others. */
const AT_ONCE = 32
const AT_ONCE_PER_WEBHOOK = 8

export type Deliverer = {
  /** Begins no more attempts and waits for those under way: each ends within its time limit. Safe twice. */
  stop(): Promise<void>
}

export type DelivererParts = {
  db: Database
  /** Its time limit is that of an attempt. */
  fetch: GuardedFetch
  callbacks: Pick<Callbacks, 'readTarget'>
  /** Makes one attempt of a reply. */
  sendReply: (delivery: ClaimedDelivery) => Promise<AttemptResult>
  version: string
  log: Log
  /** Called after each attempt, for metrics. */
  onAttempt?: (outcome: 'delivered' | 'failed' | 'pending') => void
}

/** Sends deliveries that are due. Every process may run one: each delivery is claimed for one attempt. */
export function startDeliverer({
  db,
  fetch,
  callbacks,
  sendReply,
  version,
  log,
  onAttempt,
}: DelivererParts): Deliverer {
  const underWay = new Map<Promise<void>, string>()
  // Before the repetition, whose first run begins at once.
  let stopping: Promise<void> | undefined
  const looking = repeat(look, {
    everyMs: LOOK_EVERY_MS,
    jitter: 0.1,
    onError: (error) => log.warn({ err: error }, 'deliveries could not be claimed; retrying'),
  })

  async function look(): Promise<void> {
    await createStepDeliveries(db)
    while (!stopping) {
      const limit = Math.min(AT_ONCE - underWay.size, AT_ONCE_PER_WEBHOOK)
      if (limit <= 0) return
      const claimed = await claimDeliveries(db, { limit, exceptWebhooks: busyWebhooks() })
      claimed.forEach(begin)
      if (claimed.length < limit) return
    }
  }

  function begin(delivery: ClaimedDelivery): void {
    const sending = deliver(delivery)
      .catch((error: unknown) => {
        log.error(
          { err: error, delivery_id: delivery.id },
          'a delivery attempt could not be recorded; it will be retried soon',
        )
      })
      .finally(() => underWay.delete(sending))
    underWay.set(sending, delivery.webhookId)
  }

  function busyWebhooks(): string[] {
    const counts = new Map<string, number>()
    for (const id of underWay.values()) counts.set(id, (counts.get(id) ?? 0) + 1)
    return [...counts].flatMap(([id, count]) => (count >= AT_ONCE_PER_WEBHOOK ? [id] : []))
  }

  async function deliver(delivery: ClaimedDelivery): Promise<void> {
    const startedAt = new Date()
    const began = performance.now()
    const sending = delivery.kind === 'reply' ? sendReply(delivery) : send(delivery, startedAt)
    const result = await sending.catch((error: unknown) => unexpected(delivery, error, began))
    const outcome = await writeAttempt(db, delivery, result, { startedAt })
    onAttempt?.(outcome)
    if (result.error === null) return
    log.warn(
      {
        delivery_id: delivery.id,
        task_id: delivery.taskId,
        attempt: delivery.attempt,
        status: result.status,
      },
      `a delivery ${outcome === 'failed' ? 'failed' : 'did not succeed; it will be retried'}: ${result.error}`,
    )
  }

  /** An attempt like any other: the retry schedule says when the next one is due, and which is the last. */
  function unexpected({ id, taskId }: ClaimedDelivery, error: unknown, began: number): AttemptResult {
    log.error({ err: error, delivery_id: id, task_id: taskId }, 'a delivery attempt was aborted')
    return {
      kind: 'failed',
      status: null,
      error: 'the attempt was aborted by an unexpected error; see the worker log',
      response: null,
      retryAfter: undefined,
      durationMs: Math.round(performance.now() - began),
    }
  }

  async function send(delivery: ClaimedDelivery, time: Date): Promise<AttemptResult> {
    const target = await callbacks.readTarget(delivery.webhookId)
    if (!target) return unsent('the webhook, or its callback, was deleted')
    if (target.isDisabled && delivery.url === null) {
      return unsent('the callback is switched off: its receiver answered 410 Gone')
    }
    delivery.url ??= target.url
    if (delivery.url === null) return unsent('the callback has no URL')
    if (!delivery.body) {
      const body = await writeBody(db, delivery)
      if (!body) return unsent('the task was deleted')
      delivery.body = body
      await keepBody(db, delivery, body)
    }
    const { id, url, body } = delivery
    const headers = {
      'content-type': 'application/json',
      'user-agent': `Bellwire/${version}`,
      ...signatureHeaders({ id: publicDeliveryId(id), time, body, secrets: target.secrets }),
    }
    return attempt(fetch, { url, headers, body })
  }

  return {
    stop: () =>
      (stopping ??= (async () => {
        await looking.stop()
        await Promise.all(underWay.keys())
      })()),
  }
}
