import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { SessionCookie } from '../../auth/sessionCookie.ts'
import type { ListedSession as StoredSession, SessionList, SessionScope } from '../../auth/sessionList.ts'
import type { Sessions } from '../../auth/sessions.ts'
import { bearerKey } from '../../contract/bearer.ts'
import { Id } from '../../contract/name.ts'
import { pageOf } from '../../contract/page.ts'
import { requireRole } from '../../contract/role.ts'
import { hasRole } from '../../contract/roleOrder.ts'
import { EndedSessions, ListedSession, SessionQuery } from '../../contract/session.ts'
import { empty, json } from '../openapi/responses.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { operatorOf } from '../plumbing/operators.ts'
import { problems } from '../problems/problem.ts'

/** `/api/sessions`: one's own sessions of the console, for owners also those of others. */
export function sessionListRoutes({
  list,
  sessions,
  cookie,
}: {
  list: SessionList
  sessions: Pick<Sessions, 'find'>
  cookie: SessionCookie
}): FastifyPluginCallbackZod {
  /** The id of the session of a request; undefined when it has an API key. */
  async function currentOf({ headers }: FastifyRequest): Promise<string | undefined> {
    const token = bearerKey(headers) === undefined ? cookie.read(headers.cookie) : undefined
    return token === undefined ? undefined : (await sessions.find(token))?.id
  }

  return (app, _options, done) => {
    app.get(
      '/api/sessions',
      {
        schema: {
          operationId: 'listSessions',
          tags: ['People'],
          summary: 'List open sessions of the console, newest first',
          description: 'Your own sessions: those of the same user, the same key, or sign-in links.',
          querystring: SessionQuery,
          response: { 200: json('A page of sessions', pageOf(ListedSession)), ...problems(422) },
        },
      },
      async (request) => {
        const { everybody, ...page } = request.query
        const operator = operatorOf(request)
        if (everybody) requireRole(operator.role, 'owner')
        const current = await currentOf(request)
        const scope: SessionScope = everybody ? 'everybody' : operator
        return showPage(await list.list(scope, pageRequest(page)), (session) => show(session, current))
      },
    )

    app.post(
      '/api/sessions/end_others',
      {
        schema: {
          operationId: 'endOtherSessions',
          tags: ['People'],
          summary: 'End all of your sessions except the current one',
          description: 'With an API key: all sessions that were opened with this key.',
          response: { 200: json('How many have ended', EndedSessions) },
        },
      },
      async (request) => ({ ended: await list.endOthers(operatorOf(request), await currentOf(request)) }),
    )

    app.delete(
      '/api/sessions/:id',
      {
        schema: {
          operationId: 'endSession',
          tags: ['People'],
          summary: 'End a session',
          description: 'One of your own sessions; owners can also end those of others.',
          params: z.object({ id: Id }),
          response: { 204: empty('Ended'), ...problems(404) },
        },
      },
      async (request, reply) => {
        const operator = operatorOf(request)
        await list.end(hasRole(operator.role, 'owner') ? 'everybody' : operator, request.params.id)
        return reply.code(204).send()
      },
    )
    done()
  }
}

function show(session: StoredSession, current: string | undefined): ListedSession {
  const { id, via, name, userId, keyId, address, userAgent } = session
  return {
    id,
    via,
    name,
    user_id: userId,
    key_id: keyId,
    is_current: id === current,
    address,
    user_agent: userAgent,
    created_at: session.createdAt.toISOString(),
    last_seen_at: session.lastSeenAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
  }
}
