import { BellwireError } from '../../errors.ts'
import type { Acceptor } from '../../tasks/accept.ts'
import { dedupeKey } from '../../tasks/dedupeKey.ts'
import type { Trigger } from '../../tasks/trigger.ts'
import type { Arrival } from '../arrival.ts'
import { judgeTrust } from '../steps/judgeTrust.ts'
import { payloadOf } from '../steps/readPayload.ts'
import { readElements, toTriggers } from '../elements.ts'
import type { Element } from '../toTrigger.ts'
import type { Readmit } from './acceptRejection.ts'
import type { KeptRejection } from './queries.ts'
import type { Restore } from './restore.ts'

/** How long a rejection gives the same task, when the request has no key of its own. */
const TTL_SECONDS = 30 * 24 * 3600

/**
 * Makes the function that accepts a rejected request without checking it again. With a key of its own (an
 * Idempotency-Key, the id of the event) it is the same request when the sender sends it again; where the key itself
 * was the reason, and where there is none, the id of the rejection is the key.
 */
export function createReadmit({ restore, acceptor }: { restore: Restore; acceptor: Acceptor }): Readmit {
  return async (rejection) => {
    const { arrival, tokenHash } = await restore(rejection)
    const { webhook } = arrival
    if (!webhook.enabled) {
      throw new BellwireError('conflict', 'The webhook is disabled. Enable it, then accept the rejection.')
    }
    // Whoever accepts it has decided that it should run.
    arrival.hold = undefined
    await judgeTrust.run(arrival)
    const elements = await readElements(arrival, await webhook.split(payloadOf(arrival)))
    const triggers = await toTriggers(withUsefulKeys(rejection, elements), tokenHash)
    const [first, ...more] = triggers.map((trigger, index) => withKey(rejection, { arrival, trigger, index }))
    if (!first) throw new Error('a payload was split into nothing')
    const [{ taskId }] =
      more.length === 0 ? [await acceptor.accept(first)] : await acceptor.acceptAll([first, ...more])
    return taskId
  }
}

/** Where the key of a request was what refused it, it has none. */
function withUsefulKeys({ reason }: KeptRejection, elements: Element[]): Element[] {
  if (reason !== 'duplicate_mismatch' && reason !== 'idempotency_key_too_long') return elements
  return elements.map((element) => ({ ...element, key: undefined }))
}

function withKey(
  { id }: KeptRejection,
  { arrival, trigger, index }: { arrival: Arrival; trigger: Trigger; index: number },
): Trigger {
  const key = dedupeKey({ entrance: [arrival.webhook.id], kind: 'rejection', text: id, element: index })
  return { ...trigger, maxPending: undefined, dedupe: trigger.dedupe ?? { key, ttlSeconds: TTL_SECONDS } }
}
