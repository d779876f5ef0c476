import { BellwireError } from '../../errors.ts'
import type { Arrival } from '../arrival.ts'
import { lookInto } from '../lookInto.ts'
import { Payload } from '../payload/payload.ts'
import { readPayload as readBody } from '../payload/readPayload.ts'
import type { StepEntry } from './step.ts'

/** Makes a payload of the body; of a GET, and of a POST without a body, the query is the payload. */
export const readPayload: StepEntry = {
  run(arrival) {
    const { inbound, query, rawBody } = arrival
    if (inbound.method === 'GET' || rawBody.length === 0) return take(arrival, Payload.of(query))
    const payload = readBody(inbound.headers['content-type'], rawBody)
    return payload instanceof Promise ? payload.then((read) => take(arrival, read)) : take(arrival, payload)
  },
}

function take(arrival: Arrival, payload: Payload): undefined | Promise<undefined> {
  const { unpack } = arrival.webhook.source
  if (!unpack) return note(arrival, payload)
  const unpacked = lookInto(payload, () => Payload.of(unpack(payload.exact), payload))
  return unpacked instanceof Promise ? unpacked.then((read) => note(arrival, read)) : note(arrival, unpacked)
}

function note(arrival: Arrival, payload: Payload): undefined {
  arrival.payload = payload
  if (payload.attributes) arrival.headers = { ...arrival.headers, ...payload.attributes }
  return undefined
}

/** The payload, for steps behind the one that reads it. */
export function payloadOf({ payload }: Arrival): Payload {
  if (!payload) throw new BellwireError('internal', 'no step has read the payload')
  return payload
}
