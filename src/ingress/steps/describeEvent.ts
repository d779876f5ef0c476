import type { StepEntry } from './step.ts'

/** Finds what the event is called, its id, and what it is about, as the source says it. */
export const describeEvent: StepEntry = {
  applies: ({ source }) => source.describe !== undefined,
  run(arrival) {
    const { webhook, inbound, payload } = arrival
    const parts = webhook.source.describe?.(inbound.headers, payload?.value)
    arrival.event = parts?.event
    arrival.eventId = parts?.eventId
    arrival.object = parts?.object
  },
}
