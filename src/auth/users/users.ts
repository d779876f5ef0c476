import type { PoolClient } from 'pg'
import type { NewUser, UserPatch } from '../../contract/user.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { toPage, type Page, type PageRequest } from '../../db/page.ts'
import { BellwireError } from '../../errors.ts'
import type { Revocations } from '../revocations.ts'
import { hashPassword } from './passwords.ts'
import { endLinksOf } from './userLinks.ts'
import { insertUser, readUser, USER_COLUMNS, type User } from './userRow.ts'

/**
 * The people of this installation. Whatever takes access away (a lesser role, disabling, deleting) applies at once in
 * this process, and within a second in others.
 */
export type Users = {
  /** Whether there are users, or invitations to become one. */
  exist(): Promise<boolean>
  /**
   * @param address of the client, which takes its turn where passwords are hashed
   * @throws BellwireError `email_taken`
   */
  create(user: NewUser, address: string): Promise<User>
  /** Newest first; `after` is the id of a user. */
  list(page: PageRequest): Promise<Page<User>>
  /** @throws BellwireError `user_not_found` */
  get(id: string): Promise<User>
  /**
   * Links that the user has created end, unless the user is still an owner.
   *
   * @throws BellwireError `user_not_found`; `last_owner` when no other user could do what this one can
   */
  update(id: string, patch: UserPatch): Promise<User>
  /**
   * Also ends the sessions of the user, links that the user has created, and an invitation to the same address. Throws
   * the same errors as `update`.
   */
  delete(id: string): Promise<void>
}

export function createUsers({ db, revocations }: { db: Database; revocations: Revocations }): Users {
  return {
    async exist() {
      const { rows } = await db.pool.query<{ exist: boolean }>({
        name: 'users_exist',
        text: `select exists (select from bellwire.users)
          or exists (select from bellwire.user_links where kind = 'invitation' and expires_at > now()) as exist`,
      })
      return rows[0]?.exist === true
    },

    async create({ email, name, role, password }, address) {
      const hash = password === undefined ? null : await hashPassword({ password, address })
      return insertUser(db.pool, { email, name, role, hash })
    },

    async list({ limit, after }) {
      const { rows } = await db.pool.query<User>(
        `select ${USER_COLUMNS} from bellwire.users where $1::uuid is null or id < $1 order by id desc limit $2`,
        [after ?? null, limit + 1],
      )
      return toPage(rows, { limit, name: (row) => row.id, show: (row) => row })
    },

    get: (id) => readUser(db.pool, id),

    async update(id, { name, role, disabled }) {
      const user = await db.transaction(async (tx) => {
        await lockOwners(tx)
        const before = await lockUser(tx, id)
        const wanted = { role: role ?? before.role, disabled: disabled ?? before.disabled }
        if (isOwner(before) && !isOwner(wanted)) await requireAnotherOwner(tx, id)
        if (!isOwner(wanted)) await endLinksOf(tx, id)
        if (wanted.disabled) await tx.query('delete from bellwire.sessions where user_id = $1', [id])
        const changed = await tx.query<User>(
          `update bellwire.users set name = $2, role = $3, updated_at = now(),
              disabled_at = case when $4 then coalesce(disabled_at, now()) end
            where id = $1 returning ${USER_COLUMNS}`,
          [id, name ?? before.name, wanted.role, wanted.disabled],
        )
        return onlyRow(changed)
      })
      revocations.announce()
      return user
    },

    async delete(id) {
      await db.transaction(async (tx) => {
        await lockOwners(tx)
        const user = await lockUser(tx, id)
        if (isOwner(user)) await requireAnotherOwner(tx, id)
        await tx.query('delete from bellwire.users where id = $1', [id])
        // One that was open when the user was made in another way would make the user again.
        await tx.query(
          `delete from bellwire.user_links where kind = 'invitation' and lower(email) = lower($1)`,
          [user.email],
        )
      })
      revocations.announce()
    },
  }
}

function isOwner({ role, disabled }: Pick<User, 'role' | 'disabled'>): boolean {
  return role === 'owner' && !disabled
}

/** Changes of owners wait for each other: of the last two, one stays. */
async function lockOwners(tx: PoolClient): Promise<void> {
  await tx.query(`select from bellwire.users where role = 'owner' order by id for update`)
}

/** What is left out of a change must not undo what another one has changed in the meantime. */
async function lockUser(tx: PoolClient, id: string): Promise<User> {
  if (isId(id)) await tx.query('select from bellwire.users where id = $1 for update', [id])
  return readUser(tx, id)
}

async function requireAnotherOwner(tx: PoolClient, id: string): Promise<void> {
  const { rowCount } = await tx.query(
    `select from bellwire.users where role = 'owner' and disabled_at is null and id <> $1 limit 1`,
    [id],
  )
  if (rowCount === 0) throw new BellwireError('last_owner')
}
