import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { Keys } from '../../auth/keys.ts'
import { isSameOrigin } from '../../auth/sameOrigin.ts'
import type { SessionCookie } from '../../auth/sessionCookie.ts'
import type { NewSession, Sessions } from '../../auth/sessions.ts'
import { Session, SignIn } from '../../contract/session.ts'
import { BellwireError } from '../../errors.ts'
import { createFailureLimit } from '../plumbing/failureLimit.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'

/** Codes and keys are 256 random bits, so this limit protects the log and the database rather than the keys. */
const FAILURES = { max: 20, perMs: 60_000 }

export type SignInParts = {
  sessions: Pick<Sessions, 'redeem' | 'open'>
  keys: Pick<Keys, 'verify'>
  cookie: SessionCookie
  publicUrl: string
}

/** `POST /api/session`: opens the console for a browser. */
export function signInRoutes({ sessions, keys, cookie, publicUrl }: SignInParts): FastifyPluginCallbackZod {
  const limit = createFailureLimit(FAILURES)

  async function open(body: SignIn): Promise<NewSession | undefined> {
    if ('code' in body) return sessions.redeem(body.code)
    const principal = await keys.verify(body.key)
    if (principal?.scope === 'agent') {
      throw new BellwireError('forbidden', 'This key can only ask its agent; the console needs an admin key.')
    }
    return principal?.keyId === undefined ? undefined : sessions.open(principal.keyId)
  }

  return (app, _options, done) => {
    app.post(
      '/api/session',
      {
        schema: {
          operationId: 'signIn',
          tags: ['Console'],
          summary: 'Sign in to the console',
          description: 'Returns a session cookie, valid for seven days. Programs send their API key instead.',
          security: [],
          body: SignIn,
          response: {
            200: json('Signed in; the cookie is in the headers', Session),
            ...problems(400, 401, 403, 413, 415, 422, 429, 503),
          },
        },
      },
      async (request, reply) => {
        // Another site must not be able to sign a browser in, not even with a valid key.
        if (isSameOrigin(request.headers, publicUrl) === false) throw new BellwireError('cross_origin')
        const wait = limit.waitMs(request.ip)
        if (wait > 0) throw tooManyTries(wait)
        const session = await open(request.body)
        if (!session) {
          limit.failed(request.ip)
          throw new BellwireError('sign_in_refused')
        }
        void reply.header('set-cookie', cookie.give(session.token))
        return {
          via: session.keyId === null ? ('link' as const) : ('key' as const),
          expires_at: session.expiresAt.toISOString(),
        }
      },
    )
    done()
  }
}

function tooManyTries(waitMs: number): BellwireError {
  const seconds = Math.ceil(waitMs / 1000)
  return new BellwireError('rate_limited', `Too many failed attempts. Wait ${seconds} seconds.`, {
    retryAfter: seconds,
  })
}
