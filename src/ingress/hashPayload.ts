import { hashBits, payloadHash } from '../tasks/dedupeKey.ts'
import type { Trigger } from '../tasks/trigger.ts'
import { hashInTurns } from './payload/hashInTurns.ts'
import { SLICE_BYTES } from '../contract/longJson/turns.ts'

/**
 * Adds the hash of the payload to a trigger with a key. Otherwise the hash would be computed when tasks are written,
 * for all of them in one turn of the event loop. Returns a promise only for a long payload.
 */
export function hashPayload(trigger: Trigger): void | Promise<void> {
  const { dedupe, payload } = trigger
  if (!dedupe) return
  if (payload.length > SLICE_BYTES) {
    return hashInTurns(payload).then((hash) => void (dedupe.payloadHash = hashBits(hash)))
  }
  dedupe.payloadHash = payloadHash(trigger)
}
