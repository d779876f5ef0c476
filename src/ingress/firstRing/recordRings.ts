import { LRUCache } from 'lru-cache'
import type { Announcements } from '../../db/announcements.ts'
import { newId } from '../../db/id.ts'
import type { Signals } from '../../db/signals.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Arrival } from '../arrival.ts'
import type { Outcome } from '../outcome.ts'
import { maskHeaders } from './maskHeaders.ts'
import { MAX_RINGS, type NewRing, type Rings } from './rings.ts'

/** Tells those who wait that a webhook has received a request. The message is the webhook's id. */
export const RING_CHANNEL = 'bellwire_rings'

/** Longer payloads are not kept a second time. */
const MAX_PAYLOAD_BYTES = 256 * 1024

/** Requests that are being written. Beyond this, one that comes is not kept: a flood must not fill the memory. */
const MAX_WRITING = 16

/** Webhooks of which is remembered that enough was kept. */
const MAX_KNOWN = 10_000

/** Notes requests to webhooks that have no source. Returns at once, and never throws. */
export type RecordRing = (arrival: Arrival, outcome: Outcome) => void

/**
 * Makes the function that keeps the first requests of webhooks without a source. A busy webhook costs one look into a
 * map: what this process has kept of it is remembered until some webhook changes.
 */
export function createRecordRing({
  rings,
  signals,
  changes,
  log,
}: {
  rings: Pick<Rings, 'add'>
  signals: Pick<Signals, 'publish'>
  /** News that some webhook has changed, or that its requests were forgotten. */
  changes: Pick<Announcements, 'listen'>
  log: Log
}): { record: RecordRing; idle(): Promise<void> } {
  const kept = new LRUCache<string, number>({ max: MAX_KNOWN })
  const writing = new Set<Promise<void>>()
  changes.listen(() => kept.clear())

  async function write(ring: NewRing): Promise<void> {
    try {
      if (await rings.add(ring)) signals.publish(RING_CHANNEL, ring.webhookId)
    } catch (error) {
      log.warn({ err: error, webhook_id: ring.webhookId }, 'a first request could not be kept')
    }
  }

  return {
    record(arrival, outcome) {
      const { id, options } = arrival.webhook
      // A page or a handshake says nothing of the sender.
      if (options.source !== 'generic' || outcome.kind === 'answered') return
      const count = kept.get(id) ?? 0
      if (count >= MAX_RINGS || writing.size >= MAX_WRITING) return
      kept.set(id, count + 1)
      const pending = write(toRing(arrival, outcome)).finally(() => writing.delete(pending))
      writing.add(pending)
    },
    async idle() {
      await Promise.all(writing)
    },
  }
}

function toRing({ webhook, inbound, query, rawBody, payload }: Arrival, outcome: Outcome): NewRing {
  const json = payload && payload.json.length <= MAX_PAYLOAD_BYTES ? payload.json : undefined
  return {
    id: newId(),
    webhookId: webhook.id,
    method: inbound.method,
    headers: maskHeaders(inbound.headers),
    query,
    contentType: inbound.headers['content-type']?.slice(0, 200),
    size: rawBody.length,
    payload: json,
    taskId: 'taskIds' in outcome ? outcome.taskIds[0] : undefined,
    reason: 'reason' in outcome ? outcome.reason : undefined,
  }
}
