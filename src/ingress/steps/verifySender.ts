import { BellwireError } from '../../errors.ts'
import type { Arrival } from '../arrival.ts'
import type { SignedRequest, Verification } from '../joints.ts'
import { reject, type Stop } from '../outcome.ts'
import type { StepEntry } from './step.ts'

/** Checks the signature of a request, where its source signs. */
export function createVerifySender({ publicUrl }: { publicUrl: string }): StepEntry {
  return {
    applies: ({ source }) => source.verify !== undefined,
    async run(arrival) {
      const { source } = arrival.webhook
      const verification = await source.verify?.(signedRequest(arrival, publicUrl))
      if (verification?.ok === false) return refused(verification)
      arrival.senderVerified = verification !== undefined
      return undefined
    },
  }
}

/** The request as schemes check it. The URL is the public one: what `Host` says is the sender's to choose. */
export function signedRequest({ inbound, query, rawBody }: Arrival, publicUrl: string): SignedRequest {
  const search = inbound.search === '' ? '' : `?${inbound.search}`
  return {
    method: inbound.method,
    url: `${publicUrl}/api/webhooks/agents/${inbound.token}${search}`,
    headers: inbound.headers,
    query,
    rawBody,
    now: new Date(),
  }
}

/** Says which check failed, and nothing that would help to pass it. */
function refused({ reason, expected, received }: Verification & { ok: false }): Stop {
  return reject(new BellwireError('signature_invalid', undefined, { extensions: { reason } }), {
    reason,
    finding: { expected, received },
  })
}
