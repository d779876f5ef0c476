import { valueAt } from '../../contract/jsonPointer.ts'
import type { WebhookOptions } from '../../contract/webhookOptions.ts'
import { BellwireError } from '../../errors.ts'
import { readChildren } from '../payload/jsonChildren.ts'
import { locateValue } from '../payload/locateValue.ts'
import { Payload } from '../payload/payload.ts'

/** Elements of one request at most. */
const MAX_ELEMENTS = 1_000

/**
 * Finds the payloads of the tasks that a request becomes: the payload itself, or each of its elements. A promise only
 * for long payloads: their elements are found without parsing them.
 */
export type Split = (payload: Payload) => readonly Payload[] | Promise<readonly Payload[]>

/**
 * Makes the function that splits payloads. A batch of CloudEvents is always split, and so is what the source sends in
 * batches, unless the webhook says otherwise.
 *
 * @param batch a JSON pointer to the list of a source that sends several events in one request
 *
 * The function throws BellwireError `split_failed` for a payload without a list at that place.
 */
export function compileSplit({ split }: Pick<WebhookOptions, 'split'>, batch?: string): Split {
  if (split === undefined && batch !== undefined) return splitBatch(batch)
  if (split === undefined || split === false) return (payload) => payload.batch ?? [payload]
  const pointer = split === true ? '' : split.replace(/^json:/, '')
  const where = pointer === '' ? 'The payload' : `The payload at ${pointer}`
  const check = ({ elements, count }: Found): readonly Payload[] => {
    if (!elements) throw new BellwireError('split_failed', `${where} is not a list.`)
    if (elements.length === 0) throw new BellwireError('split_failed', `${where} is an empty list.`)
    if (elements.length <= MAX_ELEMENTS) return elements
    throw new BellwireError(
      'split_failed',
      `${where} has ${count} elements; at most ${MAX_ELEMENTS} are accepted in one request.`,
    )
  }
  return (payload) => {
    if (payload.batch) return payload.batch
    const found = findElements(payload, pointer, false)
    return found instanceof Promise ? found.then(check) : check(found)
  }
}

/** What a source sends without a list, or with too long a one, is one event. */
function splitBatch(pointer: string): Split {
  return (payload) => {
    if (payload.batch) return payload.batch
    const orWhole = ({ elements }: Found): readonly Payload[] =>
      elements && elements.length > 0 && elements.length <= MAX_ELEMENTS ? elements : [payload]
    const found = findElements(payload, pointer, true)
    return found instanceof Promise ? found.then(orWhole) : orWhole(found)
  }
}

/** The elements of a list, no more than one too many; undefined where there is no list. `count` is for people. */
type Found = { elements?: readonly Payload[]; count?: string }

function findElements(payload: Payload, pointer: string, isEvent: boolean): Found | Promise<Found> {
  if (payload.isLong) return findInLong(payload.json, pointer, isEvent)
  const list = valueAt(payload.exact, pointer)
  if (!Array.isArray(list)) return {}
  const elements = list.slice(0, MAX_ELEMENTS + 1).map((element: unknown) => Payload.of(element, { isEvent }))
  return { elements, count: String(list.length) }
}

async function findInLong(json: Buffer, pointer: string, isEvent: boolean): Promise<Found> {
  const list = await locateValue(json, pointer)
  const found = list && (await readChildren(list, MAX_ELEMENTS))
  if (!found || found.isObject) return {}
  return {
    elements: found.children.map(({ value }) => new Payload(value, { isEvent })),
    count: `more than ${MAX_ELEMENTS}`,
  }
}
