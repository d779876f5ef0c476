import { ExactNumber } from '../../contract/exactJson.ts'
import { BellwireError } from '../../errors.ts'
import { Payload } from './payload.ts'

/** Events in one batch at most. */
const MAX_EVENTS = 1_000

/**
 * The payload of a CloudEvent in structured mode: its `data`. Its attributes are kept under the names of the headers
 * that carry them in binary mode. A body that is no CloudEvent is what it is.
 *
 * @throws BellwireError `body_invalid`
 */
export function readCloudEvent(body: Payload): Payload {
  return isEvent(body.exact) ? payloadOfEvent(body.exact) : body
}

/** The payload of a batch: the data of all events, and each event by itself. */
export function readCloudEventBatch(body: Payload): Payload {
  const events = body.exact
  if (!Array.isArray(events) || events.length === 0 || !events.every(isEvent)) {
    throw new BellwireError('body_invalid', 'A batch of CloudEvents is a JSON list of events.')
  }
  if (events.length > MAX_EVENTS) {
    throw new BellwireError('body_invalid', `The batch has more than ${MAX_EVENTS} events.`)
  }
  const batch = events.map(payloadOfEvent)
  return Payload.of(
    batch.map(({ exact }) => exact),
    { batch },
  )
}

type CloudEvent = Record<string, unknown> & { specversion: string }

function isEvent(value: unknown): value is CloudEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'specversion' in value &&
    typeof value.specversion === 'string' &&
    'id' in value &&
    'type' in value
  )
}

function payloadOfEvent({ data, data_base64: base64, ...attributes }: CloudEvent): Payload {
  const named: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) {
    if (!/^[a-z0-9]{1,50}$/.test(name)) continue
    if (typeof value === 'string') named[`ce-${name}`] = value
    else if (typeof value === 'number' || typeof value === 'boolean' || value instanceof ExactNumber) {
      named[`ce-${name}`] = value.toString()
    }
  }
  const decoded = typeof base64 === 'string' ? decode(base64, attributes['datacontenttype']) : data
  return Payload.of(decoded ?? null, { attributes: named, isEvent: true })
}

/** Data that came as base64: JSON when its type says so, a text when it is one, else as it came. */
function decode(base64: string, type: unknown): unknown {
  const bytes = Buffer.from(base64, 'base64')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return type === undefined || (typeof type === 'string' && /json/i.test(type)) ? parsedOr(text) : text
  } catch {
    return base64
  }
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
