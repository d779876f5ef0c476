import { dedupeKey } from '../tasks/dedupeKey.ts'
import type { Trigger } from '../tasks/trigger.ts'
import type { Arrival } from './arrival.ts'
import type { RequestKey } from './dedupe.ts'
import { callbackOf } from './callbackOf.ts'
import { withReply } from './withReply.ts'
import { inboundRequest } from './inboundRequest.ts'
import type { Payload } from './payload/payload.ts'
import type { Group } from './findGroup.ts'
import { readDelay } from './readDelay.ts'
import { describe } from './steps/describeEvent.ts'

/** One element of a request that is split, with what it has of its own. */
export type Element = { arrival: Arrival; payload: Payload; key: RequestKey | undefined; isPart: boolean }

/** The element of a request that has this payload; the request as a whole, when it is not split. */
export function elementOf(arrival: Arrival, payload: Payload): Element {
  const { findKey } = arrival.webhook
  if (payload === arrival.payload) return { arrival, payload, key: findKey(arrival), isPart: false }
  if (!payload.isEvent) return { arrival, payload, key: findKey(arrival), isPart: true }
  // An event of a batch is the same when it comes alone.
  const event = { ...arrival, payload, headers: { ...arrival.headers, ...payload.attributes } }
  describe(event)
  const key = findKey(event)
  return { arrival: event, payload, key, isPart: key?.kind !== 'event' }
}

/** What becomes of a request, or of one element of it: all that accepting has to know. */
export function toTrigger(
  { arrival, payload, key, isPart }: Element,
  {
    index,
    tokenHash,
    group,
  }: {
    /** Its place among the elements of the request. */
    index: number
    tokenHash: Buffer
    group?: Group | undefined
  },
): Trigger {
  const { webhook, inbound } = arrival
  const request = inboundRequest(arrival, payload)
  if (group && group.warnings.length > 0) request.warnings = group.warnings
  return {
    agentId: webhook.agentId,
    tokenHash,
    maxPending: webhook.maxPending,
    origin: 'webhook',
    payload: payload.json,
    request: JSON.stringify(request),
    interactive: inbound.interactive ?? (webhook.respond?.waitSeconds ?? 0) > 0,
    streamed: inbound.streamed ?? false,
    senderVerified: arrival.senderVerified,
    senderTrusted: arrival.senderTrusted,
    traceParent: inbound.traceParent,
    hold: arrival.hold,
    startAt: readDelay(inbound.headers),
    callback: withReply(callbackOf(arrival), webhook.options.reply),
    conversation: group?.conversation,
    burst: group?.burst,
    hasFiles: payload.attachments.length > 0,
    // The body is kept once, with the first task that was made of it.
    body: index === 0 ? differingBody(arrival, payload) : undefined,
    dedupe: key && {
      key: dedupeKey({
        entrance: [webhook.id],
        kind: key.kind,
        text: key.text,
        element: isPart ? index : undefined,
      }),
      ttlSeconds: key.ttlSeconds,
    },
  }
}

/** The body as it was received, when the payload is not the same: for audits, for replays, and for its files. */
function differingBody({ rawBody }: Arrival, { json }: Payload): Buffer | undefined {
  if (rawBody.length === 0 || json === rawBody || isPartOf(json, rawBody)) return undefined
  return rawBody
}

/** Whether a payload is the body but for its byte order mark: then it is a view of the same memory. */
function isPartOf(json: Buffer, body: Buffer): boolean {
  return json.buffer === body.buffer && json.byteOffset + json.length === body.byteOffset + body.length
}

/** The same for all elements of a request, with their conversations and bursts where the webhook has these. */
export async function toTriggers(elements: readonly Element[], tokenHash: Buffer): Promise<Trigger[]> {
  return Promise.all(
    elements.map(async (element, index) => {
      const { arrival, payload } = element
      const group = await arrival.webhook.findGroup?.(arrival, payload)
      return toTrigger(element, { index, tokenHash, group })
    }),
  )
}
