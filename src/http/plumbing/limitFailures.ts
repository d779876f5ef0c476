import type { FastifyInstance } from 'fastify'
import type { Authenticate } from '../../auth/authenticate.ts'
import type { FailureKind, Failures } from '../../auth/failures.ts'
import { bearerKey } from '../../contract/bearer.ts'
import { BellwireError, type ErrorCode } from '../../errors.ts'
import { clientAddress } from './clientAddress.ts'

/** The errors that say that a credential was wrong. */
const FAILURE_CODES: Record<FailureKind, readonly ErrorCode[]> = {
  sign_in: ['sign_in_refused', 'link_invalid', 'oidc_refused'],
  api_key: ['unauthenticated'],
  webhook_token: ['webhook_not_found'],
  callback_token: ['callback_url_not_found'],
}

/**
 * Throws the error again; when it says that a credential was wrong, that is counted, and an address that was wrong
 * too often gets `rate_limited` in its place. Right credentials never come here: they are not slowed down.
 */
export type RefuseFailure = (kind: FailureKind, ip: string, error: unknown) => Promise<never>

export function createRefuseFailure(failures: Failures): RefuseFailure {
  return async (kind, ip, error) => {
    if (!(error instanceof BellwireError) || !FAILURE_CODES[kind].includes(error.code)) throw error
    const seconds = await failures.count(kind, clientAddress(ip))
    if (seconds === 0) throw error
    throw new BellwireError(
      'rate_limited',
      `${error.message} This address has sent too many wrong credentials; wait ${seconds} seconds.`,
      { retryAfter: seconds },
    )
  }
}

/** Counts the failures of all routes of a scope, by their errors. */
export function limitFailures(
  scope: Pick<FastifyInstance, 'setErrorHandler'>,
  kind: FailureKind,
  refuseFailure: RefuseFailure,
): void {
  scope.setErrorHandler((error, request) => refuseFailure(kind, request.ip, error))
}

/** The same function, which counts wrong API keys. A request without a key guesses none. */
export function limitKeyGuesses(authenticate: Authenticate, refuseFailure: RefuseFailure): Authenticate {
  return (request) => {
    const authenticating = authenticate(request)
    if (bearerKey(request.headers) === undefined) return authenticating
    return authenticating.catch((error: unknown) => refuseFailure('api_key', request.ip, error))
  }
}
