import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { failure, type Failure, type Outbound } from './scheme.ts'

/** A JSON Web Token that a provider signs with keys which it publishes. */
export type ProvidersToken = {
  token: string
  /** Where the provider publishes its keys. */
  keysUrl: string
  issuer?: string[]
  audience: string[]
  now: Date
  /** What is expected, for messages. */
  expected: string
}

const CLOCK_TOLERANCE_SECONDS = 60
const TIMEOUT_MS = 5_000
const KEEP_MS = 3600_000

const keySets = new WeakMap<Outbound, Map<string, JWTVerifyGetKey>>()

/**
 * Checks signature, issuer, audience and time of a token, and gives its claims. The keys are kept for an hour, and
 * fetched again for a key that is not among them, at most every half minute.
 */
export async function checkToken(
  { token, keysUrl, issuer, audience, now, expected }: ProvidersToken,
  outbound: Outbound,
): Promise<{ ok: true; claims: JWTPayload } | Failure> {
  const jose = await import('jose')
  try {
    const { payload } = await jose.jwtVerify(token, keysOf(jose, keysUrl, outbound), {
      ...(issuer === undefined ? {} : { issuer }),
      audience,
      algorithms: ['RS256'],
      currentDate: now,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
    })
    return { ok: true, claims: payload }
  } catch (error) {
    const { errors } = jose
    if (error instanceof errors.JWTExpired) return failure('timestamp_expired', expected, 'an expired token')
    if (error instanceof errors.JWTClaimValidationFailed) {
      return failure('sender_unknown', expected, `a valid token with another "${error.claim}"`)
    }
    const isForged =
      error instanceof errors.JOSEError &&
      !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) &&
      error.code !== 'ERR_JOSE_GENERIC'
    return isForged
      ? failure('signature_invalid', expected, 'a token that the keys of the provider do not verify')
      : failure('keys_unavailable', expected, 'the keys of the provider could not be fetched')
  }
}

function keysOf(jose: typeof import('jose'), url: string, outbound: Outbound): JWTVerifyGetKey {
  let known = keySets.get(outbound)
  if (!known) keySets.set(outbound, (known = new Map()))
  let keys = known.get(url)
  if (!keys) {
    keys = jose.createRemoteJWKSet(new URL(url), {
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: KEEP_MS,
      [jose.customFetch]: (url, { signal }) =>
        outbound.fetch(url, { headers: { accept: 'application/json' }, signal }),
    })
    known.set(url, keys)
  }
  return keys
}
