import type { RateLimit } from '../../contract/rateLimit.ts'
import type { Allowance } from './rateLimits.ts'

/**
 * The headers that tell a sender of a limit, as draft-ietf-httpapi-ratelimit-headers-11 writes them: `q` requests
 * in `w` seconds; `r` remain, for `t` seconds.
 *
 * @example
 * RateLimit-Policy: "webhook";q=100;w=60
 * RateLimit: "webhook";r=12;t=31
 */
export function rateLimitHeaders(
  { requests, per_seconds }: RateLimit,
  { remaining, resetsInSeconds }: Allowance,
): Record<string, string> {
  return {
    'ratelimit-policy': `"webhook";q=${requests};w=${per_seconds}`,
    ratelimit: `"webhook";r=${remaining};t=${resetsInSeconds}`,
  }
}
