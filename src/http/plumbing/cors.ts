import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import { vary } from './vary.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Pages of other origins may call this route: what is in its URL is all the permission that it needs. */
    crossOrigin?: boolean
  }
}

/** What pages of other origins may do (CORS). */
export type Cors = {
  /** Lets the page that calls read the answer, if its origin may. */
  share(request: Pick<FastifyRequest, 'headers'>, reply: FastifyReply): void
  /** Adds to an answer to OPTIONS which methods and headers a page may send. */
  sharePreflight(
    request: Pick<FastifyRequest, 'headers'>,
    reply: FastifyReply,
    methods: readonly string[],
  ): void
}

/** Beyond these names, the asterisk allows whatever a sender adds, except Authorization: no credentials are allowed. */
const ALLOWED_HEADERS = 'Content-Type, Idempotency-Key, Prefer, Last-Event-ID, *'

const EXPOSED_HEADERS =
  'Idempotency-Replayed, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id'

/** How long a browser remembers the answer to a preflight; Chromium caps it at two hours. */
const PREFLIGHT_SECONDS = '7200'

/**
 * Credentials are never allowed: cookies and API keys work on pages of our own origin only.
 *
 * @param origins that may call; `*` for all
 */
export function createCors(origins: Config['corsOrigins']): Cors {
  function share(request: Pick<FastifyRequest, 'headers'>, reply: FastifyReply): void {
    if (origins !== '*' && origins.length > 0) vary(reply, 'Origin')
    const allowed = allowedOrigin(request)
    if (allowed === undefined) return
    void reply.headers({
      'access-control-allow-origin': allowed,
      'access-control-expose-headers': EXPOSED_HEADERS,
      // A browser would report an answer to a request in the mode no-cors as a network error.
      'cross-origin-resource-policy': 'cross-origin',
    })
  }

  function allowedOrigin({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
    // A GET in the mode no-cors has no Origin. Senders that are no browser have neither, and no use for these headers.
    if (origins === '*') return headers.origin || headers['sec-fetch-site'] ? '*' : undefined
    return headers.origin !== undefined && origins.includes(headers.origin) ? headers.origin : undefined
  }

  return {
    share,
    sharePreflight(request, reply, methods) {
      share(request, reply)
      if (!reply.hasHeader('access-control-allow-origin')) return
      void reply.headers({
        'access-control-allow-methods': methods.join(', '),
        'access-control-allow-headers': ALLOWED_HEADERS,
        'access-control-max-age': PREFLIGHT_SECONDS,
      })
    },
  }
}
