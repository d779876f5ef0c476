import { BellwireError } from '../../errors.ts'
import { reject, type Stop } from '../outcome.ts'
import type { Failure } from '../schemes/scheme.ts'
import { signedRequest } from '../signedRequest.ts'
import type { StepEntry } from './step.ts'

/** Seconds after which a sender may try again whose keys could not be fetched. */
const RETRY_AFTER = 30

/** Checks who sent a request, where its source says how. */
export function createVerifySender({ publicUrl }: { publicUrl: string }): StepEntry {
  return {
    applies: ({ source }) => source.verify !== undefined,
    run(arrival) {
      // Sent from the console.
      if (arrival.senderVerified) return undefined
      const verification = arrival.webhook.source.verify?.(signedRequest(arrival, publicUrl))
      const take = (result: Awaited<typeof verification>): Stop | undefined => {
        if (result?.ok === false) return refuse(result)
        arrival.senderVerified = result?.verified ?? false
        return undefined
      }
      return verification instanceof Promise ? verification.then(take) : take(verification)
    },
  }
}

/** Says which check failed, and nothing that would help to pass it. */
function refuse({ reason, expected, received }: Failure): Stop {
  const error =
    reason === 'keys_unavailable'
      ? new BellwireError('keys_unavailable', undefined, { retryAfter: RETRY_AFTER })
      : new BellwireError('signature_invalid', TITLES[reason], { extensions: { reason } })
  return reject(error, { reason, finding: { expected, received } })
}

const TITLES: Record<Exclude<Failure['reason'], 'keys_unavailable'>, string> = {
  signature_missing: 'The request has no signature where the source of this webhook expects it.',
  signature_invalid: 'The signature does not match the request and the secrets of this webhook.',
  timestamp_expired: 'The request was signed too long ago, or the clock of its sender is wrong.',
  sender_unknown: 'The signature is valid, and belongs to another sender.',
  secret_missing: 'This webhook has no secret to verify requests with. The operator has to save one.',
}
