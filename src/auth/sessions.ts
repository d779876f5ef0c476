import type { Role } from '../contract/role.ts'
import type { SessionVia } from '../contract/session.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { createLookupCache } from '../db/lookupCache.ts'
import { hashToken, newToken } from '../db/token.ts'
import { createRevocations, type Revocations } from './revocations.ts'

/** How long a sign-in link is valid. */
const CODE_LIFETIME_SECONDS = 600

/** How long a session lasts; it is not extended. */
export const SESSION_LIFETIME_SECONDS = 7 * 24 * 3600

/** How long an ended session may keep working in processes that receive no notification, and an expired one in all. */
const REMEMBER_MS = 5_000

/** How exact the time is at which a session was last used: it is written this often at most. */
const SEEN_EVERY = '3 minutes'

export type Session = {
  id: string
  via: SessionVia
  /** The key that opened it; null when a link or a user did. */
  keyId: string | null
  /** The user who opened it; null when a link or a key did. */
  userId: string | null
  /** Of the user or the key. */
  name: string | null
  role: Role
  expiresAt: Date
}

/** Where a session is opened. */
export type SessionPlace = { address: string; userAgent: string | undefined }

/**
 * Who opens a session: the holder of an admin key, or a user. `hash` is the hash of the password that was checked; if
 * the password was changed in the meantime, no session is opened.
 */
export type SessionOwner =
  { keyId: string } | { userId: string; via: 'password'; hash: string } | { userId: string; via: 'oidc' }

/** The token is the value of the cookie. It is returned only here: the database stores its hash. */
export type NewSession = Session & { token: string }

/** Who is signed in to the console. */
export type Sessions = {
  /** Creates the code of a link that signs in once, within ten minutes, at any process on this database. */
  issueCode(): Promise<string>
  /**
   * Exchanges a code for a session; undefined when it is unknown, used or expired. Of several attempts, one succeeds.
   */
  redeem(code: string, place?: SessionPlace): Promise<NewSession | undefined>
  /**
   * Opens a session; it ends with its key or user. Returns undefined if the key or user no longer exists, is disabled,
   * or has another password by now.
   */
  open(owner: SessionOwner, place?: SessionPlace): Promise<NewSession | undefined>
  /** The session of a cookie; undefined when it is unknown, ended or expired. Cached for a few seconds. */
  find(token: string): Promise<Session | undefined>
  /** Ends a session: at once in this process, within a second in others. Safe twice. */
  close(token: string): Promise<void>
}

/** The role of a session is that of its user or key at the moment. */
const FOUND = `select s.id, coalesce(s.via, case when s.key_id is null then 'link' else 'key' end) as via,
    s.key_id as "keyId", s.user_id as "userId", coalesce(u.name, k.name) as name,
    coalesce(u.role, k.role, 'owner') as role, s.expires_at as "expiresAt",
    s.last_seen_at > now() - interval '${SEEN_EVERY}' as seen
  from bellwire.sessions s
  left join bellwire.api_keys k on k.id = s.key_id
  left join bellwire.users u on u.id = s.user_id
  where s.hash = $1 and s.expires_at > now() and u.disabled_at is null`

export function createSessions({
  db,
  revocations = createRevocations(),
  now,
}: {
  db: Database
  revocations?: Revocations
  /**
   * Milliseconds of a monotonic clock. The lifetimes of codes and sessions are measured by the clock of the database.
   */
  now?: () => number
}): Sessions {
  const cache = createLookupCache<Session>({
    lookUp: (hash) => read(Buffer.from(hash, 'latin1')),
    ttlMs: REMEMBER_MS,
    maxEntries: 1_000,
    ...(now && { now }),
  })
  revocations.listen(cache.clear)

  /** Writes a session, for an existing key or user, or for none. */
  async function insert(
    owner: SessionOwner | undefined,
    place?: SessionPlace,
  ): Promise<NewSession | undefined> {
    const token = newToken()
    const hash = hashToken(token)
    const keyId = owner && 'keyId' in owner ? owner.keyId : null
    const user = owner && 'userId' in owner ? owner : undefined
    await db.pool.query('delete from bellwire.sessions where expires_at <= now()')
    const { rowCount } = await db.pool.query(
      `insert into bellwire.sessions (id, hash, key_id, user_id, via, address, user_agent, expires_at)
        select $1::uuid, $2, $3::uuid, $4::uuid, $5, $6, $7, now() + make_interval(secs => $8)
        where ($3::uuid is null or exists (select from bellwire.api_keys where id = $3::uuid for key share))
          and ($4::uuid is null or exists (
            select from bellwire.users where id = $4::uuid and disabled_at is null
              and ($9::text is null or password_hash = $9) for share))`,
      [
        newId(),
        hash,
        keyId,
        user?.userId ?? null,
        user?.via ?? (keyId === null ? 'link' : 'key'),
        place?.address ?? null,
        place?.userAgent?.slice(0, 500) ?? null,
        SESSION_LIFETIME_SECONDS,
        user?.via === 'password' ? user.hash : null,
      ],
    )
    const session = rowCount === 1 ? await read(hash) : undefined
    return session && { ...session, token }
  }

  async function read(hash: Buffer): Promise<Session | undefined> {
    const { rows } = await db.pool.query<Session & { seen: boolean }>({
      name: 'session_by_hash',
      text: FOUND,
      values: [hash],
    })
    if (!rows[0]) return undefined
    const { seen, ...session } = rows[0]
    // Nobody waits for it, and the next request would write it if this failed.
    if (!seen)
      db.pool
        .query('update bellwire.sessions set last_seen_at = now() where hash = $1', [hash])
        .catch(() => {})
    return session
  }

  return {
    async issueCode() {
      const code = newToken()
      await db.pool.query('delete from bellwire.sign_in_codes where expires_at <= now()')
      await db.pool.query(
        'insert into bellwire.sign_in_codes (hash, expires_at) values ($1, now() + make_interval(secs => $2))',
        [hashToken(code), CODE_LIFETIME_SECONDS],
      )
      return code
    },

    async redeem(code, place) {
      const { rowCount } = await db.pool.query(
        'delete from bellwire.sign_in_codes where hash = $1 and expires_at > now()',
        [hashToken(code)],
      )
      return rowCount === 1 ? insert(undefined, place) : undefined
    },

    async open(owner, place) {
      const session = await insert(owner, place)
      if (session && 'userId' in owner) {
        await db.pool.query('update bellwire.users set last_sign_in_at = now() where id = $1', [owner.userId])
      }
      return session
    },

    find: (token) => cache.get(hashToken(token).toString('latin1')),

    async close(token) {
      await db.pool.query('delete from bellwire.sessions where hash = $1', [hashToken(token)])
      revocations.announce()
    },
  }
}
