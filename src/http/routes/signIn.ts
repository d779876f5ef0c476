import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { Keys } from '../../auth/keys.ts'
import { elsewhere, isSameOrigin } from '../../auth/sameOrigin.ts'
import type { SessionCookie } from '../../auth/sessionCookie.ts'
import type { NewSession, Sessions } from '../../auth/sessions.ts'
import { Session, SignIn } from '../../contract/session.ts'
import { BellwireError } from '../../errors.ts'
import { limitFailures, type RefuseFailure } from '../plumbing/limitFailures.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'

const WRONG_KEY =
  'The admin key is wrong. Use the value of BELLWIRE_ADMIN_KEY, or the key printed at the first start.'

export type SignInParts = {
  sessions: Pick<Sessions, 'redeem' | 'open'>
  keys: Pick<Keys, 'verify'>
  cookie: SessionCookie
  publicUrl: string
  refuseFailure: RefuseFailure
}

/** `POST /api/session`: opens the console for a browser. */
export function signInRoutes({
  sessions,
  keys,
  cookie,
  publicUrl,
  refuseFailure,
}: SignInParts): FastifyPluginCallbackZod {
  async function redeem(body: SignIn): Promise<NewSession | undefined> {
    if ('code' in body) return sessions.redeem(body.code)
    const principal = await keys.verify(body.key)
    if (principal?.scope === 'agent') {
      throw new BellwireError('forbidden', 'This key can only ask its agent; the console needs an admin key.')
    }
    return principal?.keyId === undefined ? undefined : sessions.open(principal.keyId)
  }

  async function open(body: SignIn): Promise<NewSession> {
    const session = await redeem(body)
    if (!session) throw new BellwireError('sign_in_refused', 'code' in body ? undefined : WRONG_KEY)
    return session
  }

  return (app, _options, done) => {
    limitFailures(app, 'sign_in', refuseFailure)
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
        if (isSameOrigin(request, publicUrl) === false) {
          throw new BellwireError('cross_origin', elsewhere(publicUrl))
        }
        const session = await open(request.body)
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
