import type { IncomingHttpHeaders } from 'node:http'
import { hashToken } from '../../db/token.ts'
import { BellwireError } from '../../errors.ts'
import type { Acceptor } from '../../tasks/accept.ts'
import { dedupeKey } from '../../tasks/dedupeKey.ts'
import type { Trigger } from '../../tasks/trigger.ts'
import type { Arrival } from '../arrival.ts'
import type { Query } from '../payload/parseQuery.ts'
import { newArrival, type FindWebhook } from '../receive.ts'
import { createDecodeBody } from '../steps/decodeBody.ts'
import { describeEvent } from '../steps/describeEvent.ts'
import { judgeTrust } from '../steps/judgeTrust.ts'
import { payloadOf, readPayload } from '../steps/readPayload.ts'
import { elementOf, toTrigger } from '../toTrigger.ts'
import type { Readmit } from './acceptRejection.ts'
import type { KeptRejection } from './queries.ts'

/** How long a rejection gives the same task, when the request has no key of its own. */
const TTL_SECONDS = 30 * 24 * 3600

/**
 * Makes the function that takes a rejected request in again: its body is read as ever, and no check stands in its
 * way. With a key of its own (an Idempotency-Key, the id of the event) it is the same request when the sender sends
 * it again; where the key itself was the reason, and where there is none, the rejection takes its place.
 */
export function createReadmit({
  findToken,
  findWebhook,
  acceptor,
  maxBodyBytes,
}: {
  /** The current token of a webhook. Throws BellwireError `webhook_not_found`. */
  findToken: (agentId: string, webhookId: string) => Promise<string>
  findWebhook: FindWebhook
  acceptor: Acceptor
  maxBodyBytes: number
}): Readmit {
  const reading = [createDecodeBody({ maxBodyBytes }), readPayload, describeEvent, judgeTrust]

  return async (rejection) => {
    const token = await findToken(rejection.agent_id, rejection.webhook_id)
    const tokenHash = hashToken(token)
    const webhook = await findWebhook(tokenHash)
    if (!webhook) throw new BellwireError('webhook_not_found')
    if (!webhook.enabled) {
      throw new BellwireError('conflict', 'The webhook is disabled. Enable it, then accept the rejection.')
    }
    const arrival = { ...newArrival(webhook, inboundOf(rejection, token)), ...partsOf(rejection) }
    // Whoever accepts it has decided that it shall run.
    arrival.hold = undefined
    for (const step of reading) {
      if (step.applies?.(webhook) ?? true) await step.run(arrival)
    }
    const [first, ...more] = webhook
      .split(payloadOf(arrival))
      .map((payload, index) => triggerOf(rejection, arrival, { payload, index, tokenHash }))
    if (!first) throw new Error('a payload was split into nothing')
    const [{ taskId }] =
      more.length === 0 ? [await acceptor.accept(first)] : await acceptor.acceptAll([first, ...more])
    return taskId
  }
}

function triggerOf(
  { id, reason }: KeptRejection,
  arrival: Arrival,
  { payload, index, tokenHash }: { payload: ReturnType<typeof payloadOf>; index: number; tokenHash: Buffer },
): Trigger {
  const element = elementOf(arrival, payload)
  const isOwnKeyUseless = reason === 'duplicate_mismatch' || reason === 'idempotency_key_too_long'
  const trigger = toTrigger(isOwnKeyUseless ? { ...element, key: undefined } : element, { index, tokenHash })
  const key = dedupeKey({ entrance: [arrival.webhook.id], kind: 'rejection', text: id, element: index })
  return { ...trigger, maxPending: undefined, dedupe: trigger.dedupe ?? { key, ttlSeconds: TTL_SECONDS } }
}

function inboundOf({ method, headers, body }: KeptRejection, token: string): Arrival['inbound'] {
  const isGet = method === 'GET'
  return {
    token,
    method: isGet ? 'GET' : 'POST',
    path: '',
    headers: headers satisfies IncomingHttpHeaders,
    search: '',
    body: isGet ? undefined : body,
    interactive: false,
  }
}

/** Of a GET, the query was kept as its body: it is the payload. */
function partsOf({
  method,
  body,
  query,
  sender_verified,
}: KeptRejection): Pick<Arrival, 'query' | 'senderVerified'> {
  const kept: Query = method === 'GET' && body.length > 0 ? JSON.parse(body.toString('utf8')) : query
  return { query: kept, senderVerified: sender_verified }
}
