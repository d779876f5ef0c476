import type { Database } from '../../db/database.ts'
import { BellwireError } from '../../errors.ts'
import type { Revocations } from '../revocations.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { USER_COLUMNS, type User } from './userRow.ts'

export type PasswordSignIn = {
  /** The user with this email address and password; undefined when one is wrong, or the user is disabled. */
  check(given: { email: string; password: string; address: string }): Promise<User | undefined>
  /**
   * Sets another password. The other sessions of the user end.
   *
   * @param change.current the present password; not needed by a user who has none
   * @param change.keep the id of the session that goes on
   * @throws BellwireError `sign_in_refused` when `current` is wrong
   */
  change(
    userId: string,
    change: { current: string | undefined; password: string; keep: string | undefined; address: string },
  ): Promise<void>
}

type Stored = User & { hash: string | null }

export function createPasswordSignIn({
  db,
  revocations,
}: {
  db: Database
  revocations: Revocations
}): PasswordSignIn {
  async function find(column: 'lower(email)' | 'id::text', value: string): Promise<Stored | undefined> {
    const { rows } = await db.pool.query<Stored>(
      `select ${USER_COLUMNS}, password_hash as hash from bellwire.users where ${column} = lower($1)`,
      [value],
    )
    return rows[0]
  }

  return {
    async check({ email, password, address }) {
      const found = await find('lower(email)', email)
      // Also for somebody unknown, or disabled: the time of the response does not say which.
      const isRight = await verifyPassword({ password, address }, found?.hash)
      if (!isRight || !found || found.disabled) return undefined
      const { hash: _hash, ...user } = found
      return user
    },

    async change(userId, { current, password, keep, address }) {
      const found = await find('id::text', userId)
      if (found?.hash != null && !(await verifyPassword({ password: current ?? '', address }, found.hash))) {
        throw new BellwireError('sign_in_refused', 'The current password is wrong.')
      }
      const hash = await hashPassword({ password, address })
      await db.transaction(async (tx) => {
        await tx.query('update bellwire.users set password_hash = $2, updated_at = now() where id = $1', [
          userId,
          hash,
        ])
        await tx.query('delete from bellwire.sessions where user_id = $1 and id is distinct from $2::uuid', [
          userId,
          keep ?? null,
        ])
        // A reset that somebody else asked for must not undo it.
        await tx.query(`delete from bellwire.user_links where user_id = $1`, [userId])
      })
      revocations.announce()
    },
  }
}
