import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { SessionCookie } from '../../auth/sessionCookie.ts'
import type { Sessions } from '../../auth/sessions.ts'
import type { KnownBrowsers } from '../../auth/users/knownBrowsers.ts'
import type { PasswordSignIn } from '../../auth/users/passwordSignIn.ts'
import { bearerKey } from '../../contract/bearer.ts'
import { ChangePassword, Session } from '../../contract/session.ts'
import { BellwireError } from '../../errors.ts'
import { empty, json } from '../openapi/responses.ts'
import { clientAddress } from '../plumbing/clientAddress.ts'
import { operatorOf } from '../plumbing/operators.ts'
import type { ShowSession } from '../plumbing/showSession.ts'
import { problems } from '../problems/problem.ts'

/** `/api/session` for signed-in users: the current session, one's password, and signing out. */
export function sessionRoutes({
  sessions,
  passwords,
  browsers,
  cookie,
  show,
}: {
  sessions: Pick<Sessions, 'find' | 'close'>
  passwords: Pick<PasswordSignIn, 'change'>
  browsers: Pick<KnownBrowsers, 'give'>
  cookie: SessionCookie
  show: ShowSession
}): FastifyPluginCallbackZod {
  /** The session of a request; undefined when it has an API key. */
  async function find(headers: Parameters<typeof bearerKey>[0] & { cookie?: string | undefined }) {
    const token = bearerKey(headers) === undefined ? cookie.read(headers.cookie) : undefined
    return token === undefined ? undefined : sessions.find(token)
  }

  return (app, _options, done) => {
    app.get(
      '/api/session',
      {
        schema: {
          operationId: 'getSession',
          tags: ['Console'],
          summary: 'Get the current session',
          response: { 200: json('The current session', Session) },
        },
      },
      async (request) => {
        const session = await find(request.headers)
        return show(session ?? { via: 'key', role: operatorOf(request).role, userId: null, expiresAt: null })
      },
    )

    app.put(
      '/api/session/password',
      {
        schema: {
          operationId: 'changePassword',
          tags: ['Console'],
          summary: 'Change your own password',
          description:
            'For users who are signed in. Their other sessions end. Users who have no password yet must have signed in ' +
            'within the last 15 minutes.',
          body: ChangePassword,
          response: { 204: empty('Changed'), ...problems(400, 409, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        const { body, headers, ip } = request
        const session = await find(headers)
        if (session?.userId == null) {
          throw new BellwireError(
            'conflict',
            'Only a user has a password: sign in with your email address first.',
          )
        }
        const hash = await passwords.change(session.userId, {
          current: body.current_password,
          password: body.password,
          session: session.id,
          address: clientAddress(ip),
        })
        const known = browsers.give({ user: { id: session.userId }, hash }, headers.cookie)
        void reply.header('set-cookie', known)
        return reply.code(204).send()
      },
    )

    app.delete(
      '/api/session',
      {
        schema: {
          operationId: 'signOut',
          tags: ['Console'],
          summary: 'Sign out of the console',
          response: { 204: empty('Signed out') },
        },
      },
      async ({ headers }, reply) => {
        const token = cookie.read(headers.cookie)
        if (token !== undefined) await sessions.close(token)
        return reply.code(204).header('set-cookie', cookie.take()).send()
      },
    )
    done()
  }
}
