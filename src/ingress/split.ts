import { valueAt } from '../contract/jsonPointer.ts'
import type { WebhookOptions } from '../contract/webhookOptions.ts'
import { BellwireError } from '../errors.ts'
import { Payload } from './payload/payload.ts'

/** Elements of one request at most. */
const MAX_ELEMENTS = 1_000

/** Finds the payloads of the tasks that a request becomes: the payload itself, or each of its elements. */
export type Split = (payload: Payload) => readonly Payload[]

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
  return (payload) => {
    if (payload.batch) return payload.batch
    const elements = valueAt(payload.exact, pointer)
    if (!Array.isArray(elements)) throw new BellwireError('split_failed', `${where} is not a list.`)
    if (elements.length === 0) throw new BellwireError('split_failed', `${where} is an empty list.`)
    if (elements.length > MAX_ELEMENTS) {
      throw new BellwireError(
        'split_failed',
        `${where} has ${elements.length} elements; at most ${MAX_ELEMENTS} are accepted in one request.`,
      )
    }
    return elements.map((element: unknown) => Payload.of(element))
  }
}

/** What a source sends without a list, or with too long a one, is one event. */
function splitBatch(pointer: string): Split {
  return (payload) => {
    const events = payload.batch ?? valueAt(payload.exact, pointer)
    if (!Array.isArray(events) || events.length === 0 || events.length > MAX_ELEMENTS) return [payload]
    return payload.batch ?? events.map((event: unknown) => Payload.of(event, { isEvent: true }))
  }
}
