import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { Keys } from '../../auth/keys.ts'
import type { SessionCookie } from '../../auth/sessionCookie.ts'
import type { NewSession, Sessions } from '../../auth/sessions.ts'
import type { KnownBrowsers } from '../../auth/users/knownBrowsers.ts'
import type { PasswordSignIn } from '../../auth/users/passwordSignIn.ts'
import type { Users } from '../../auth/users/users.ts'
import { Session, SignIn, SignInOptions } from '../../contract/session.ts'
import { BellwireError } from '../../errors.ts'
import { json } from '../openapi/responses.ts'
import { clientAddress } from '../plumbing/clientAddress.ts'
import type { RefuseFailure } from '../plumbing/limitFailures.ts'
import { refuseOtherSites } from '../plumbing/refuseOtherSites.ts'
import { placeOf, type ShowSession } from '../plumbing/showSession.ts'
import { problems } from '../problems/problem.ts'

const WRONG_KEY =
  'The admin key is wrong. Use the value of BELLWIRE_ADMIN_KEY, or the key printed at the first start.'

/** One message for all reasons: it must not say which addresses have an account. */
const WRONG_PASSWORD = 'The email address or the password is wrong.'

type Password = Extract<SignIn, { email: string }>
type CodeOrKey = Exclude<SignIn, Password>

export type SignInParts = {
  sessions: Pick<Sessions, 'redeem' | 'open'>
  keys: Pick<Keys, 'verify'>
  users: Pick<Users, 'exist'>
  passwords: Pick<PasswordSignIn, 'check'>
  browsers: KnownBrowsers
  cookie: SessionCookie
  publicUrl: string
  show: ShowSession
  refuseFailure: RefuseFailure
  /** Whether there is single sign-on. */
  hasOidc: boolean
}

/** `POST /api/session`: opens the console for a browser. `GET /api/sign_in`: the ways to do so. */
export function signInRoutes({
  sessions,
  keys,
  users,
  passwords,
  browsers,
  cookie,
  publicUrl,
  show,
  refuseFailure,
  hasOidc,
}: SignInParts): FastifyPluginCallbackZod {
  /** With a code or a key: these are too long to guess, and checking them costs little. */
  async function redeem(request: FastifyRequest, body: CodeOrKey): Promise<NewSession> {
    const place = placeOf(request)
    if ('code' in body) return (await sessions.redeem(body.code, place)) ?? refuse()
    const principal = await keys.verify(body.key)
    if (principal?.scope === 'agent') {
      throw new BellwireError('forbidden', 'This key can only ask its agent; the console needs an admin key.')
    }
    const opened =
      principal?.keyId === undefined ? undefined : sessions.open({ keyId: principal.keyId }, place)
    return (await opened) ?? refuse(WRONG_KEY)
  }

  /** With a password. Attempts are limited before they are checked: see src/auth/users/passwordAttempts.ts. */
  async function checkPassword(
    request: FastifyRequest,
    { email, password }: Password,
  ): Promise<{ session: NewSession; known: string }> {
    const { ip, headers } = request
    const checked = await passwords.check({
      email,
      password,
      address: clientAddress(ip),
      browserOf: (account) => browsers.read(account, headers.cookie),
    })
    if (!checked) return refuse(WRONG_PASSWORD)
    const { user, hash } = checked
    const session = await sessions.open({ userId: user.id, via: 'password', hash }, placeOf(request))
    return session ? { session, known: browsers.give(checked, headers.cookie) } : refuse(WRONG_PASSWORD)
  }

  return (app, _options, done) => {
    app.get(
      '/api/sign_in',
      {
        schema: {
          operationId: 'getSignInOptions',
          tags: ['Console'],
          summary: 'Get the ways to sign in',
          description: 'A sign-in link and an admin key always work.',
          security: [],
          response: { 200: json('The ways to sign in', SignInOptions), ...problems(503) },
        },
      },
      async () => ({
        password: await users.exist(),
        oidc: hasOidc ? { url: `${publicUrl}/api/oidc/start` } : null,
      }),
    )

    app.post(
      '/api/session',
      {
        schema: {
          operationId: 'signIn',
          tags: ['Console'],
          summary: 'Sign in to the console',
          description:
            'Returns a session cookie, valid for seven days. Programs send their API key instead. After several wrong passwords, ' +
            'further attempts get 429 with Retry-After for a while, and the password is not checked.',
          security: [],
          body: SignIn,
          response: {
            200: json('Signed in; the cookie is in the headers', Session),
            ...problems(400, 401, 403, 413, 415, 422, 429, 503),
          },
        },
      },
      async (request, reply) => {
        refuseOtherSites(request, publicUrl)
        const { body, ip } = request
        if ('email' in body) {
          const { session, known } = await checkPassword(request, body)
          void reply.header('set-cookie', [cookie.give(session.token), known])
          return show(session)
        }
        const session = await redeem(request, body).catch((error) => refuseFailure('sign_in', ip, error))
        void reply.header('set-cookie', cookie.give(session.token))
        return show(session)
      },
    )
    done()
  }
}

function refuse(detail?: string): never {
  throw new BellwireError('sign_in_refused', detail)
}
