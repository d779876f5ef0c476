import type { IncomingHttpHeaders } from 'node:http'
import type { EventParts } from '../sources/compile.ts'
import type { Arrival } from '../arrival.ts'
import { lookInto } from '../lookInto.ts'
import { payloadOf } from './readPayload.ts'
import type { StepEntry } from './step.ts'

/** Finds what the event is called, its id, and what it is about: as the source says it, or as a CloudEvent does. */
export const describeEvent: StepEntry = { run: describe }

/** Notes on an arrival what event it is. Gives a promise only where it looks into a long payload. */
export function describe(arrival: Arrival): void | Promise<void> {
  if (!arrival.webhook.source.describes) return describeParsed(arrival)
  return lookInto(payloadOf(arrival), () => describeParsed(arrival))
}

function describeParsed(arrival: Arrival): void {
  const { source } = arrival.webhook
  const { headers } = arrival
  const parts = source.describes ? source.describe(headers, payloadOf(arrival).exact) : undefined
  const event = headers['ce-specversion'] === undefined ? undefined : describeCloudEvent(headers)
  if (!parts && !event) return
  arrival.event = parts?.event ?? event?.event
  arrival.eventId = parts?.eventId ?? event?.eventId
  arrival.object = parts?.object ?? event?.object
  // A subject may be the name under which the agent has made the object.
  arrival.part = parts?.object === undefined ? event?.part : parts.part
}

/** Source and id together name an event (CloudEvents 1.0, 3.1). */
function describeCloudEvent(headers: IncomingHttpHeaders): EventParts {
  const { 'ce-id': id, 'ce-source': source, 'ce-type': type, 'ce-subject': subject } = headers
  return {
    event: text(type),
    eventId: id === undefined ? undefined : `${text(source) ?? ''} ${text(id)}`,
    object: subject === undefined ? undefined : `${text(source) ?? ''} ${text(subject)}`,
    part: text(subject),
  }
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}
