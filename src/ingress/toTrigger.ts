import { toStorable, toStorableText } from '../contract/storable.ts'
import { dedupeKey } from '../tasks/dedupeKey.ts'
import type { Trigger } from '../tasks/trigger.ts'
import type { Arrival } from './arrival.ts'
import type { RequestKey } from './webhook/dedupe.ts'
import { callbackOf } from './callbackOf.ts'
import { withReply } from './withReply.ts'
import { inboundRequest } from './inboundRequest.ts'
import type { Payload } from './payload/payload.ts'
import type { Group } from './webhook/findGroup.ts'
import { readDelay } from './readDelay.ts'

/** A request, or one element of it, on its way to become a task. */
export type Element = {
  arrival: Arrival
  payload: Payload
  key: RequestKey | undefined
  /** Its place in the request, which belongs to its key; undefined for what has a key of its own. */
  place: number | undefined
}

/** The key by which an element is recognised when it is delivered again. */
export function keyOf({ arrival, key, place }: Element): string | undefined {
  return key && dedupeKey({ entrance: [arrival.webhook.id], kind: key.kind, text: key.text, element: place })
}

/** What becomes of a request, or of one element of it: all that accepting has to know. */
export function toTrigger(
  element: Element,
  {
    tokenHash,
    group,
    keepBody,
  }: {
    tokenHash: Buffer
    group?: Group | undefined
    /** The body is kept once, with the first task that is made of it. */
    keepBody: boolean
  },
): Trigger {
  const { arrival, payload, key } = element
  const { webhook, inbound } = arrival
  const dedupe = keyOf(element)
  const startAt = readDelay(inbound.headers)
  const request = inboundRequest(arrival, payload)
  if (group && group.warnings.length > 0) request.warnings = toStorable(group.warnings, toStorableText)
  return {
    agentId: webhook.agentId,
    tokenHash,
    maxPending: webhook.maxPending,
    origin: 'webhook',
    payload: payload.json,
    request: JSON.stringify(request),
    // Nobody waits for a task that starts later.
    interactive: !startAt && (inbound.interactive ?? (webhook.respond?.waitSeconds ?? 0) > 0),
    streamed: inbound.streamed ?? false,
    senderVerified: arrival.senderVerified,
    senderTrusted: arrival.senderTrusted,
    traceParent: inbound.traceParent,
    hold: arrival.hold,
    startAt,
    callback: withReply(callbackOf(arrival), webhook.options.reply),
    conversation: group?.conversation,
    burst: group?.burst,
    hasFiles: payload.attachments.length > 0,
    body: keepBody ? differingBody(arrival, payload) : undefined,
    dedupe: dedupe !== undefined && key ? { key: dedupe, ttlSeconds: key.ttlSeconds } : undefined,
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
