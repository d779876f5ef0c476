import type { Failure, Outbound, Scheme, SignedRequest, Verification } from './scheme.ts'

/**
 * Several schemes of one sender: a request is verified when one of them verifies it. Which one a secret is for, each
 * scheme sees by the secret.
 */
export function anyOf(kind: Scheme['kind'], ...schemes: [Scheme, Scheme, ...Scheme[]]): Scheme {
  return {
    kind,
    summary: schemes.map(({ summary }) => summary).join('; or '),
    async verify(
      request: SignedRequest,
      secrets: readonly string[],
      outbound: Outbound,
    ): Promise<Verification> {
      const failures: Failure[] = []
      for (const scheme of schemes) {
        const verification = await scheme.verify(request, secrets, outbound)
        if (verification.ok) return verification
        failures.push(verification)
      }
      return mostTelling(failures)
    },
  }
}

/** What came and was wrong says more than what was not there. */
const ORDER = [
  'timestamp_expired',
  'sender_unknown',
  'signature_invalid',
  'keys_unavailable',
  'signature_missing',
]

function mostTelling(failures: readonly Failure[]): Failure {
  const rank = ({ reason }: Failure): number => {
    const at = ORDER.indexOf(reason)
    return at === -1 ? ORDER.length : at
  }
  const [first, ...rest] = failures
  if (!first) throw new Error('no scheme was tried')
  return rest.reduce((best, one) => (rank(one) < rank(best) ? one : best), first)
}
