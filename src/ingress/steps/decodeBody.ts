import { expandBody } from '../payload/contentEncoding.ts'
import type { StepEntry } from './step.ts'

/** Expands a body that came compressed: what is verified and read is what the sender has written. */
export function createDecodeBody({ maxBodyBytes }: { maxBodyBytes: number }): StepEntry {
  return {
    run(arrival) {
      const encoding = arrival.inbound.headers['content-encoding']
      if (encoding === undefined || arrival.rawBody.length === 0) return undefined
      const { takeRoom = () => true } = arrival.inbound
      return expandBody(arrival.rawBody, encoding, { maxBytes: maxBodyBytes, takeRoom }).then((body) => {
        arrival.rawBody = body
        return undefined
      })
    },
  }
}
