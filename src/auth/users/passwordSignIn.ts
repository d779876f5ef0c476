import type { Database, Queryable } from '../../db/database.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { BellwireError } from '../../errors.ts'
import type { Revocations } from '../revocations.ts'
import { ACCOUNT_LIMIT, ADDRESS_LIMIT, EVERYWHERE_LIMIT } from './attemptLimits.ts'
import type { AttemptSubject } from './countAttempts.ts'
import type { Account } from './knownBrowsers.ts'
import type { PasswordAttempts } from './passwordAttempts.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { USER_COLUMNS, type User } from './userRow.ts'

/** How long after signing in a user without a password can set one. */
const RECENT = '15 minutes'

/** The credentials of a sign-in, and where it comes from. */
export type GivenPassword = {
  email: string
  password: string
  address: string
  /** The id of the browser, if it is known for the account. */
  browserOf: (account: Account) => string | undefined
}

/**
 * The user whose password it is, and the hash that it was compared with: a session is opened only if the user still has
 * this hash.
 */
export type CheckedPassword = { user: User; hash: string }

export type PasswordSignIn = {
  /**
   * The user with this email address and password; undefined when one is wrong, or the user is disabled.
   *
   * @throws BellwireError `rate_limited`
   */
  check(given: GivenPassword): Promise<CheckedPassword | undefined>
  /**
   * Sets another password, and returns its hash. The other sessions of the user end.
   *
   * @param change.current the current password; not needed by a user who has none but has signed in recently
   * @param change.session the id of the session that makes the change; it stays open
   * @throws BellwireError `sign_in_refused` when `current` is wrong, `recent_sign_in_required`, `rate_limited`;
   *   `conflict` when the password was changed, or the session ended, in the meantime
   */
  change(
    userId: string,
    change: { current: string | undefined; password: string; session: string; address: string },
  ): Promise<string>
}

type Found = User & { hash: string | null; key: string }

export function createPasswordSignIn({
  db,
  revocations,
  attempts,
}: {
  db: Database
  revocations: Revocations
  attempts: PasswordAttempts
}): PasswordSignIn {
  /** Returns a row for unknown addresses too: `key` is the email address as the database compares it. */
  async function find(email: string): Promise<Found> {
    const { rows } = await db.pool.query<Found>(
      `select ${USER_COLUMNS}, password_hash as hash, given.key
        from (select lower($1) as key) given left join bellwire.users on lower(email) = given.key`,
      [email],
    )
    return onlyRow({ rows })
  }

  return {
    async check({ email, password, address, browserOf }) {
      const { key, hash, ...user } = await find(email)
      const browser = hash === null ? undefined : browserOf({ user, hash })
      return attempts.run(subjectsOf({ email: key, address, browser }), async () => {
        // Unknown and disabled users are checked too, so that the response time does not reveal them.
        const isRight = await verifyPassword({ password, address }, hash)
        return isRight && hash !== null && !user.disabled ? { user, hash } : undefined
      })
    },

    async change(userId, { current, password, session, address }) {
      const before = await readHash(db.pool, userId)
      if (before === null) await requireRecent(db.pool, session)
      else if (!(await isCurrent({ password: current ?? '', address }, { hash: before, session }))) {
        throw new BellwireError('sign_in_refused', 'The current password is wrong.')
      }
      const hash = await hashPassword({ password, address })
      await db.transaction(async (tx) => {
        // The user is locked first, as everywhere: sessions are opened under a lock on this row, so all of them are
        // found here.
        const present = await readHash(tx, userId, 'for update')
        const { rowCount } = await tx.query(
          'select from bellwire.sessions where id = $1 and user_id = $2 for share',
          [session, userId],
        )
        if (present !== before || rowCount === 0) throw new BellwireError('conflict', CHANGED)
        if (present === null) await requireRecent(tx, session)
        await tx.query('update bellwire.users set password_hash = $2, updated_at = now() where id = $1', [
          userId,
          hash,
        ])
        await tx.query('delete from bellwire.sessions where user_id = $1 and id <> $2', [userId, session])
        // A reset that somebody else asked for must not undo it.
        await tx.query('delete from bellwire.user_links where user_id = $1', [userId])
      })
      revocations.announce()
      return hash
    },
  }

  /** Counted for each session, so that somebody with a stolen one cannot keep the user from changing the password. */
  async function isCurrent(
    given: { password: string; address: string },
    { hash, session }: { hash: string; session: string },
  ): Promise<boolean> {
    const subject = { name: `session ${session}`, limit: ACCOUNT_LIMIT, forgets: true }
    const right = await attempts.run([subject], async () => (await verifyPassword(given, hash)) || undefined)
    return right === true
  }
}

const CHANGED = 'The password was changed, or this session ended, in the meantime. Sign in again.'

/**
 * The subjects of a sign-in. A known browser is counted separately. Others count for the account from their address,
 * for their address, and for the account.
 */
function subjectsOf({
  email,
  address,
  browser,
}: {
  email: string
  address: string
  browser: string | undefined
}): AttemptSubject[] {
  if (browser !== undefined) {
    return [{ name: `browser ${browser} ${email}`, limit: ACCOUNT_LIMIT, forgets: true }]
  }
  return [
    { name: `account ${address} ${email}`, limit: ACCOUNT_LIMIT, forgets: true },
    { name: `address ${address}`, limit: ADDRESS_LIMIT },
    { name: `everywhere ${email}`, limit: EVERYWHERE_LIMIT },
  ]
}

/** @throws BellwireError `unauthenticated` for a user who was deleted */
async function readHash(
  source: Queryable,
  userId: string,
  lock: '' | 'for update' = '',
): Promise<string | null> {
  const { rows } = await source.query<{ hash: string | null }>(
    `select password_hash as hash from bellwire.users where id = $1 ${lock}`,
    [userId],
  )
  if (!rows[0]) throw new BellwireError('unauthenticated')
  return rows[0].hash
}

/** Somebody who has only found an open session must not be able to set a password. */
async function requireRecent(source: Queryable, session: string): Promise<void> {
  const { rowCount } = await source.query(
    `select from bellwire.sessions where id = $1 and created_at > now() - interval '${RECENT}'`,
    [session],
  )
  if (rowCount === 0) throw new BellwireError('recent_sign_in_required')
}
