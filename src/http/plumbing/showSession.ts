import type { FastifyRequest } from 'fastify'
import type { SessionPlace, Session as StoredSession } from '../../auth/sessions.ts'
import type { Users } from '../../auth/users/users.ts'
import type { Session } from '../../contract/session.ts'

/** Where a session is opened: the address and the browser of the request. */
export function placeOf({ ip, headers }: FastifyRequest): SessionPlace {
  return { address: ip, userAgent: headers['user-agent'] }
}

/** Creates the function that turns a session into what a response shows of it. */
export function createShowSession(users: Pick<Users, 'exist' | 'get'>) {
  return async ({
    via,
    role,
    userId,
    expiresAt,
  }: Pick<StoredSession, 'via' | 'role' | 'userId'> & { expiresAt: Date | null }): Promise<Session> => {
    const user = userId === null ? undefined : await users.get(userId)
    return {
      via,
      role,
      user: user ? { id: user.id, email: user.email, name: user.name, has_password: user.hasPassword } : null,
      people: user !== undefined || (await users.exist()),
      expires_at: expiresAt?.toISOString() ?? null,
    }
  }
}

export type ShowSession = ReturnType<typeof createShowSession>
