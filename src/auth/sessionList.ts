import type { SessionVia } from '../contract/session.ts'
import type { Database } from '../db/database.ts'
import { isId } from '../db/id.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'
import { BellwireError } from '../errors.ts'
import type { Operator } from './principal.ts'
import type { Revocations } from './revocations.ts'

/** An open session, as its owner sees it. */
export type ListedSession = {
  id: string
  via: SessionVia
  userId: string | null
  keyId: string | null
  /** Of the user or the key; null for a sign-in link. */
  name: string | null
  /** Where it was opened; null in sessions of earlier versions. */
  address: string | null
  userAgent: string | null
  createdAt: Date
  /** Exact to a few minutes. */
  lastSeenAt: Date
  expiresAt: Date
}

/**
 * Whose sessions: those of one operator (of the same user, of the same key, or of sign-in links), or `everybody`'s.
 */
export type SessionScope = Pick<Operator, 'userId' | 'keyId'> | 'everybody'

/** The open sessions, and how they end. */
export type SessionList = {
  /** Newest first; `after` is the id of a session. */
  list(scope: SessionScope, page: PageRequest): Promise<Page<ListedSession>>
  /**
   * Ends a session: at once in this process, within a second in others.
   *
   * @throws BellwireError `session_not_found`, also for sessions outside of the scope
   */
  end(scope: SessionScope, id: string): Promise<void>
  /** Ends all of the scope except one. Gives their number. */
  endOthers(scope: SessionScope, keep: string | undefined): Promise<number>
}

/** The sessions of a scope; `$1` to `$3` are its values. */
const IN_SCOPE = `s.expires_at > now()
  and ($1 or (s.user_id is not distinct from $2::uuid and s.key_id is not distinct from $3::uuid))`

function valuesOf(scope: SessionScope): [boolean, string | null, string | null] {
  if (scope === 'everybody') return [true, null, null]
  // The session of a user has no key.
  const { userId, keyId } = scope
  return [false, userId ?? null, userId === undefined ? (keyId ?? null) : null]
}

export function createSessionList({
  db,
  revocations,
}: {
  db: Database
  revocations: Revocations
}): SessionList {
  return {
    async list(scope, { limit, after }) {
      const { rows } = await db.pool.query<ListedSession>(
        `select s.id, coalesce(s.via, case when s.key_id is null then 'link' else 'key' end) as via,
            s.user_id as "userId", s.key_id as "keyId", coalesce(u.name, k.name) as name, s.address,
            s.user_agent as "userAgent", s.created_at as "createdAt", s.last_seen_at as "lastSeenAt",
            s.expires_at as "expiresAt"
          from bellwire.sessions s
          left join bellwire.users u on u.id = s.user_id
          left join bellwire.api_keys k on k.id = s.key_id
          where ${IN_SCOPE} and ($4::uuid is null or s.id < $4) order by s.id desc limit $5`,
        [...valuesOf(scope), after ?? null, limit + 1],
      )
      return toPage(rows, { limit, name: (row) => row.id, show: (row) => row })
    },

    async end(scope, id) {
      const { rowCount } = isId(id)
        ? await db.pool.query(`delete from bellwire.sessions s where ${IN_SCOPE} and s.id = $4`, [
            ...valuesOf(scope),
            id,
          ])
        : { rowCount: 0 }
      if (rowCount === 0) throw new BellwireError('session_not_found')
      revocations.announce()
    },

    async endOthers(scope, keep) {
      const { rowCount } = await db.pool.query(
        `delete from bellwire.sessions s where ${IN_SCOPE} and s.id is distinct from $4::uuid`,
        [...valuesOf(scope), keep ?? null],
      )
      revocations.announce()
      return rowCount ?? 0
    },
  }
}
