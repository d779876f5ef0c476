import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { SessionCookie } from '../../auth/sessionCookie.ts'
import type { Sessions } from '../../auth/sessions.ts'
import { bearerKey } from '../../contract/bearer.ts'
import { Session } from '../../contract/session.ts'
import { empty, json } from '../openapi/responses.ts'

/** `/api/session` for signed-in users: the current session, and signing out. */
export function sessionRoutes({
  sessions,
  cookie,
}: {
  sessions: Pick<Sessions, 'find' | 'close'>
  cookie: SessionCookie
}): FastifyPluginCallbackZod {
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
      async ({ headers }) => {
        const token = bearerKey(headers) === undefined ? cookie.read(headers.cookie) : undefined
        const session = token === undefined ? undefined : await sessions.find(token)
        return {
          via: session?.keyId === null ? ('link' as const) : ('key' as const),
          expires_at: session?.expiresAt.toISOString() ?? null,
        }
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
