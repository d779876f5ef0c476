import type { IncomingHttpHeaders } from 'node:http'
import { hashToken } from '../../db/token.ts'
import { BellwireError } from '../../errors.ts'
import type { Arrival } from '../arrival.ts'
import type { Query } from '../payload/parseQuery.ts'
import { newArrival, type FindWebhook } from '../receive.ts'
import { createDecodeBody } from '../steps/decodeBody.ts'
import { describeEvent } from '../steps/describeEvent.ts'
import { readPayload } from '../steps/readPayload.ts'
import type { KeptRejection } from './queries.ts'

/**
 * Makes the arrival of a rejected request again, from what was recorded: with its payload and its event, and without
 * any check. Header values that were masked stay masked.
 *
 * The function throws BellwireError `webhook_not_found`, and what reading the body throws.
 */
export type Restore = (rejection: KeptRejection) => Promise<{ arrival: Arrival; tokenHash: Buffer }>

export function createRestore({
  findToken,
  findWebhook,
  maxBodyBytes,
}: {
  /** The current token of a webhook. Throws BellwireError `webhook_not_found`. */
  findToken: (agentId: string, webhookId: string) => Promise<string>
  findWebhook: FindWebhook
  maxBodyBytes: number
}): Restore {
  const reading = [createDecodeBody({ maxBodyBytes }), readPayload, describeEvent]

  return async (rejection) => {
    const token = await findToken(rejection.agent_id, rejection.webhook_id)
    const tokenHash = hashToken(token)
    const webhook = await findWebhook(tokenHash)
    if (!webhook) throw new BellwireError('webhook_not_found')
    const arrival = { ...newArrival(webhook, inboundOf(rejection, token)), ...partsOf(rejection) }
    for (const step of reading) {
      if (step.applies?.(webhook) ?? true) await step.run(arrival)
    }
    return { arrival, tokenHash }
  }
}

/** Whoever accepts it starts it now; and the address that a request names is masked, so that of the webhook counts. */
function withoutOptions({
  'x-bellwire-delay': _delay,
  'x-bellwire-callback': _callback,
  ...headers
}: Record<string, string>): IncomingHttpHeaders {
  return headers
}

function inboundOf({ method, headers, body }: KeptRejection, token: string): Arrival['inbound'] {
  const isGet = method === 'GET'
  return {
    token,
    method: isGet ? 'GET' : 'POST',
    path: '',
    headers: withoutOptions(headers),
    search: '',
    body: isGet ? undefined : body,
    interactive: false,
  }
}

/** The query of a GET was recorded as its body: it is the payload. */
function partsOf({
  method,
  body,
  query,
  sender_verified,
}: KeptRejection): Pick<Arrival, 'query' | 'senderVerified'> {
  const kept: Query = method === 'GET' && body.length > 0 ? JSON.parse(body.toString('utf8')) : query
  return { query: kept, senderVerified: sender_verified }
}
