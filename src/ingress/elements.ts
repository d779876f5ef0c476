import type { Trigger } from '../tasks/trigger.ts'
import type { Arrival } from './arrival.ts'
import { hashPayload } from './hashPayload.ts'
import type { Group } from './webhook/findGroup.ts'
import type { IgnoredElement, Stop } from './outcome.ts'
import type { Payload } from './payload/payload.ts'
import { nextTurn, SLICE_BYTES } from '../contract/longJson/turns.ts'
import { describe } from './steps/describeEvent.ts'
import { keyOf, toTrigger, type Element } from './toTrigger.ts'

/** Bytes of work that an element causes beside those of its payload. */
const ELEMENT_BYTES = 512

/** Makes the triggers of elements, with the body in the first one, and with their conversations and bursts. */
export async function toTriggers(elements: readonly Element[], tokenHash: Buffer): Promise<Trigger[]> {
  const triggers: Trigger[] = []
  await forEachInTurns(
    elements,
    ({ payload }) => payload.json.length,
    (element, index) => {
      const { arrival, payload } = element
      const push = (group?: Group): void | Promise<void> => {
        const trigger = toTrigger(element, { tokenHash, group, keepBody: index === 0 })
        triggers.push(trigger)
        return hashPayload(trigger)
      }
      return arrival.webhook.findGroup ? arrival.webhook.findGroup(arrival, payload).then(push) : push()
    },
  )
  return triggers
}

/** Does something for each of many, with turns of the event loop in between. */
async function forEachInTurns<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  work: (item: T, index: number) => void | Promise<void>,
): Promise<void> {
  let bytes = 0
  for (const [index, item] of items.entries()) {
    const pending = work(item, index)
    if (pending) await pending
    bytes += sizeOf(item) + ELEMENT_BYTES
    if (bytes < SLICE_BYTES) continue
    bytes = 0
    await nextTurn()
  }
}

/** Makes the elements of a request that was split; or the one of a request that is a single payload, after all. */
export async function readElements(arrival: Arrival, payloads: readonly Payload[]): Promise<Element[]> {
  const { findKey } = arrival.webhook
  const key = await findKey(arrival)
  const [first] = payloads
  if (payloads.length === 1 && first && first === arrival.payload) {
    return [{ arrival, payload: first, key, place: undefined }]
  }
  const elements: Element[] = []
  await forEachInTurns(
    payloads,
    ({ json }) => json.length,
    async (payload, index) => {
      const own = await describeElement(arrival, payload)
      // An event of a batch is the same when it comes alone.
      const ownKey = payload.isEvent ? await findKey(own) : key
      const isOwn = ownKey?.kind === 'event' && ownKey.text !== key?.text
      elements.push({ arrival: own, payload, key: ownKey, place: isOwn ? undefined : index })
    },
  )
  return elements
}

/** An element as if it had come by itself. What is not an event keeps the name and the id of the request. */
async function describeElement(arrival: Arrival, payload: Payload): Promise<Arrival> {
  const element = { ...arrival, payload }
  if (payload.attributes) element.headers = { ...arrival.headers, ...payload.attributes }
  if (!arrival.webhook.source.describes && !payload.attributes) return element
  await describe(element)
  if (payload.isEvent) return element
  const { object, part } = element
  return object === undefined ? { ...arrival, payload } : { ...arrival, payload, object, part }
}

/** Runs the steps for elements on the request as a whole; if it is held, all of its elements are. */
export async function judgeWhole(arrival: Arrival, elements: readonly Element[]): Promise<Stop | undefined> {
  if (arrival.object !== undefined) {
    arrival.keys = keysOf(elements.filter(({ arrival: { object } }) => object === arrival.object))
  }
  for (const step of arrival.webhook.elementSteps) {
    const stop = await step(arrival)
    if (stop) return stop
  }
  for (const { arrival: element } of elements) element.hold = arrival.hold
  return undefined
}

/** The keys of elements; none if one of them has no key by which it could be recognised. */
function keysOf(elements: readonly Element[]): readonly string[] {
  const keys = elements.flatMap((element) => keyOf(element) ?? [])
  return keys.length === elements.length ? keys : []
}

/**
 * Takes the elements of a request through the steps of elements: each that is about another object than the request
 * as a whole, which was judged before.
 */
export async function judgeElements(
  arrival: Arrival,
  elements: readonly Element[],
): Promise<{ left: Element[]; ignored: IgnoredElement[] }> {
  const stops = await Promise.all(elements.map((element) => judge(arrival, element)))
  const left = elements.filter((_, index) => !stops[index])
  const ignored = stops.flatMap((stop, index) =>
    stop ? [{ index, reason: stop.reason, taskId: stop.taskId }] : [],
  )
  return { left, ignored }
}

async function judge(arrival: Arrival, one: Element): Promise<Ignored | undefined> {
  const { arrival: element } = one
  if (element.object === arrival.object) return undefined
  if (element.object !== undefined) element.keys = keysOf([one])
  for (const step of arrival.webhook.elementSteps) {
    const stop = await step(element)
    if (stop?.kind === 'ignored') return stop
  }
  return undefined
}

type Ignored = Extract<Stop, { kind: 'ignored' }>
