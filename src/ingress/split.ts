import { valueAt } from '../contract/jsonPointer.ts'
import type { WebhookOptions } from '../contract/webhookOptions.ts'
import { BellwireError } from '../errors.ts'
import { Payload } from './payload/payload.ts'

/** Elements of one request at most. */
const MAX_ELEMENTS = 1_000

/** Finds the payloads of the tasks that a request becomes: the payload itself, or each of its elements. */
export type Split = (payload: Payload) => readonly Payload[]

/**
 * Makes the function that splits payloads; undefined for a webhook that does not split. A batch of CloudEvents is
 * always split.
 *
 * The function throws BellwireError `split_failed` for a payload without a list at that place.
 */
export function compileSplit({ split }: Pick<WebhookOptions, 'split'>): Split {
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
