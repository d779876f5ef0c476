import type { Arrival } from '../arrival.ts'
import type { CelInput } from '../cel/compileCel.ts'
import { payloadOf } from '../steps/readPayload.ts'

/** A request as expressions see it. A header that came several times is one text. */
export function expressionInput(arrival: Arrival): CelInput {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(arrival.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return {
    payload: payloadOf(arrival),
    headers,
    query: arrival.query,
    event: arrival.event ?? '',
    method: arrival.inbound.method,
    source: arrival.webhook.source.name,
  }
}
