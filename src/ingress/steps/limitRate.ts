import type { RateLimit } from '../../contract/rateLimit.ts'
import { BellwireError } from '../../errors.ts'
import type { Arrival } from '../arrival.ts'
import { reject, type Stop } from '../outcome.ts'
import { rateLimitHeaders } from '../rateLimit/rateLimitHeaders.ts'
import type { Allowance, RateLimits } from '../rateLimit/rateLimits.ts'
import type { StepEntry } from './step.ts'

/** Refuses requests beyond the rate limit of their webhook, and tells senders of the limit. */
export function createLimitRate({ rateLimits }: { rateLimits: RateLimits }): StepEntry {
  return {
    applies: ({ options }) => options.rate_limit !== undefined,
    run(arrival) {
      const { id, options } = arrival.webhook
      const limit = options.rate_limit
      if (!limit) return undefined
      const taken = rateLimits.take(id, limit)
      return taken instanceof Promise
        ? taken.then((allowance) => stopOf(arrival, limit, allowance))
        : stopOf(arrival, limit, taken)
    },
  }
}

function stopOf({ inbound }: Arrival, limit: RateLimit, allowance: Allowance): Stop | undefined {
  inbound.addHeaders?.(rateLimitHeaders(limit, allowance))
  if (allowance.isAllowed) return undefined
  const { requests, per_seconds: seconds } = limit
  const rate = `${requests} ${requests === 1 ? 'request' : 'requests'} in ${seconds} seconds`
  const wait = allowance.resetsInSeconds
  return reject(
    new BellwireError('rate_limited', `This webhook takes ${rate}. Try again in ${wait} seconds.`, {
      retryAfter: wait,
    }),
    { reason: 'rate_limited', finding: { expected: rate } },
  )
}
