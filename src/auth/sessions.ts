import type { Database } from '../db/database.ts'
import { createLookupCache } from '../db/lookupCache.ts'
import { hashToken, newToken } from '../db/token.ts'
import { createRevocations, type Revocations } from './revocations.ts'

/** How long a sign-in link is valid. */
const CODE_LIFETIME_SECONDS = 600

/** How long a session lasts; it is not extended. */
export const SESSION_LIFETIME_SECONDS = 7 * 24 * 3600

/** How long an ended session may keep working in processes that receive no notification. */
const REMEMBER_MS = 5_000

export type Session = {
  /** The key that opened it; null when a link did. */
  keyId: string | null
  expiresAt: Date
}

/** The token is the value of the cookie. It is returned only here: the database stores its hash. */
export type NewSession = Session & { token: string }

/** Who is signed in to the console. */
export type Sessions = {
  /** Creates the code of a link that signs in once, within ten minutes, at any process on this database. */
  issueCode(): Promise<string>
  /**
   * Exchanges a code for a session; undefined when it is unknown, used or expired. Of several attempts, one succeeds.
   */
  redeem(code: string): Promise<NewSession | undefined>
  /** Opens a session for a key; it ends with that key. Undefined when the key no longer exists. */
  open(keyId: string): Promise<NewSession | undefined>
  /** The session of a cookie; undefined when it is unknown, ended or expired. Cached for a few seconds. */
  find(token: string): Promise<Session | undefined>
  /** Ends a session: at once in this process, within a second in others. Safe twice. */
  close(token: string): Promise<void>
}

export function createSessions({
  db,
  revocations = createRevocations(),
  now = Date.now,
}: {
  db: Database
  revocations?: Revocations
  now?: () => number
}): Sessions {
  const cache = createLookupCache<Session>({
    lookUp: (hash) => read(Buffer.from(hash, 'latin1')),
    ttlMs: REMEMBER_MS,
    maxEntries: 1_000,
    now,
  })
  revocations.listen(cache.clear)

  /** Writes a session, for an existing key or for none. */
  async function insert(keyId: string | null): Promise<NewSession | undefined> {
    const token = newToken()
    const expiresAt = new Date(now() + SESSION_LIFETIME_SECONDS * 1000)
    await db.pool.query('delete from bellwire.sessions where expires_at <= $1', [new Date(now())])
    const { rowCount } = await db.pool.query(
      `insert into bellwire.sessions (hash, key_id, expires_at)
        select $1, $2::uuid, $3 where $2::uuid is null
          or exists (select from bellwire.api_keys where id = $2::uuid for key share)`,
      [hashToken(token), keyId, expiresAt],
    )
    return rowCount === 1 ? { token, keyId, expiresAt } : undefined
  }

  async function read(hash: Buffer): Promise<Session | undefined> {
    const { rows } = await db.pool.query<Session>({
      name: 'session_by_hash',
      text: `select key_id as "keyId", expires_at as "expiresAt" from bellwire.sessions where hash = $1`,
      values: [hash],
    })
    return rows[0]
  }

  return {
    async issueCode() {
      const code = newToken()
      await db.pool.query('delete from bellwire.sign_in_codes where expires_at <= $1', [new Date(now())])
      await db.pool.query('insert into bellwire.sign_in_codes (hash, expires_at) values ($1, $2)', [
        hashToken(code),
        new Date(now() + CODE_LIFETIME_SECONDS * 1000),
      ])
      return code
    },

    async redeem(code) {
      const { rows } = await db.pool.query<{ expiresAt: Date }>(
        'delete from bellwire.sign_in_codes where hash = $1 returning expires_at as "expiresAt"',
        [hashToken(code)],
      )
      return rows[0] && rows[0].expiresAt.getTime() > now() ? insert(null) : undefined
    },

    open: (keyId) => insert(keyId),

    async find(token) {
      const session = await cache.get(hashToken(token).toString('latin1'))
      return session && session.expiresAt.getTime() > now() ? session : undefined
    },

    async close(token) {
      await db.pool.query('delete from bellwire.sessions where hash = $1', [hashToken(token)])
      revocations.announce()
    },
  }
}
