import type { NewInvitation } from '../../contract/invitation.ts'
import type { Role } from '../../contract/role.ts'
import type { Database, Queryable } from '../../db/database.ts'
import { isId, newId } from '../../db/id.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { toPage, type Page, type PageRequest } from '../../db/page.ts'
import { hashToken, newToken } from '../../db/token.ts'
import { BellwireError } from '../../errors.ts'
import type { Revocations } from '../revocations.ts'
import { hashPassword } from './passwords.ts'
import { emailTaken, insertUser, readUser, USER_COLUMNS, type User } from './userRow.ts'

/** How long a link is valid. */
const LIFETIME = '7 days'

export type UserLink = {
  id: string
  kind: 'invitation' | 'password_reset'
  email: string
  role: Role
  createdBy: string
  createdAt: Date
  expiresAt: Date
}

/** The token is returned only here: the database stores its hash. */
export type NewUserLink = UserLink & { token: string }

/**
 * Links that make a user, or give one a new password: each works once, for seven days. A new link replaces the one
 * before for the same address. Methods that take a token throw BellwireError `link_invalid` for one that is unknown,
 * used or expired.
 */
export type UserLinks = {
  /** @throws BellwireError `email_taken` */
  invite(invitation: NewInvitation, createdBy: string): Promise<NewUserLink>
  /** Newest first, expired ones too. */
  listInvitations(page: PageRequest): Promise<Page<UserLink>>
  /** @throws BellwireError `invitation_not_found` */
  getInvitation(id: string): Promise<UserLink>
  /** @throws BellwireError `invitation_not_found` */
  deleteInvitation(id: string): Promise<void>
  /** @throws BellwireError `user_not_found` */
  resetPassword(userId: string, createdBy: string): Promise<NewUserLink>
  /** What a link is for. It is not used up. */
  check(token: string): Promise<UserLink>
  /** @throws BellwireError `email_taken` */
  acceptInvitation(token: string, user: { name: string; password: string; address: string }): Promise<User>
  /** Sets the password; all sessions of the user end. */
  acceptReset(token: string, user: { password: string; address: string }): Promise<User>
}

const COLUMNS = `id, kind, email, role, created_by as "createdBy", created_at as "createdAt", expires_at as "expiresAt"`

type Wanted = Pick<UserLink, 'kind' | 'email' | 'role' | 'createdBy'> & { userId?: string }

export function createUserLinks({ db, revocations }: { db: Database; revocations: Revocations }): UserLinks {
  async function create({ kind, email, role, createdBy, userId }: Wanted): Promise<NewUserLink> {
    const token = newToken()
    const made = await db.pool.query<UserLink>(
      `insert into bellwire.user_links (id, kind, hash, email, role, user_id, created_by, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, now() + interval '${LIFETIME}')
        on conflict (kind, lower(email)) do update set id = excluded.id, hash = excluded.hash,
          email = excluded.email, role = excluded.role, user_id = excluded.user_id,
          created_by = excluded.created_by, created_at = now(), expires_at = excluded.expires_at
        returning ${COLUMNS}`,
      [newId(), kind, hashToken(token), email, role, userId ?? null, createdBy],
    )
    return { ...onlyRow(made), token }
  }

  async function check(token: string): Promise<UserLink> {
    const { rows } = await db.pool.query<UserLink>(
      `select ${COLUMNS} from bellwire.user_links where hash = $1 and expires_at > now()`,
      [hashToken(token)],
    )
    return rows[0] ?? refuse()
  }

  return {
    async invite({ email, role }, createdBy) {
      const { rowCount } = await db.pool.query('select from bellwire.users where lower(email) = lower($1)', [
        email,
      ])
      if (rowCount !== 0) throw emailTaken(email)
      return create({ kind: 'invitation', email, role, createdBy })
    },

    async listInvitations({ limit, after }) {
      const { rows } = await db.pool.query<UserLink>(
        `select ${COLUMNS} from bellwire.user_links
          where kind = 'invitation' and ($1::uuid is null or id < $1) order by id desc limit $2`,
        [after ?? null, limit + 1],
      )
      return toPage(rows, { limit, name: (row) => row.id, show: (row) => row })
    },

    async getInvitation(id) {
      const { rows } = isId(id)
        ? await db.pool.query<UserLink>(
            `select ${COLUMNS} from bellwire.user_links where kind = 'invitation' and id = $1`,
            [id],
          )
        : { rows: [] }
      if (!rows[0]) throw new BellwireError('invitation_not_found')
      return rows[0]
    },

    async deleteInvitation(id) {
      const { rowCount } = isId(id)
        ? await db.pool.query(`delete from bellwire.user_links where kind = 'invitation' and id = $1`, [id])
        : { rowCount: 0 }
      if (rowCount === 0) throw new BellwireError('invitation_not_found')
    },

    async resetPassword(userId, createdBy) {
      const { email, role } = await readUser(db.pool, userId)
      return create({ kind: 'password_reset', email, role, createdBy, userId })
    },

    check,

    async acceptInvitation(token, { name, password, address }) {
      // Before the password is hashed: a wrong token costs little.
      if ((await check(token)).kind !== 'invitation') return refuse()
      const hash = await hashPassword({ password, address })
      const user = await db.transaction(async (tx) => {
        const { email, role } = await use(tx, token, 'invitation')
        return insertUser(tx, { email, name, role, hash })
      })
      return user
    },

    async acceptReset(token, { password, address }) {
      if ((await check(token)).kind !== 'password_reset') return refuse()
      const hash = await hashPassword({ password, address })
      const user = await db.transaction(async (tx) => {
        const { userId } = await use(tx, token, 'password_reset')
        await tx.query('delete from bellwire.sessions where user_id = $1', [userId])
        const changed = await tx.query<User>(
          `update bellwire.users set password_hash = $2, updated_at = now() where id = $1 returning ${USER_COLUMNS}`,
          [userId, hash],
        )
        return onlyRow(changed)
      })
      revocations.announce()
      return user
    },
  }
}

/** Deletes a valid link: of several requests with it, one succeeds. */
async function use(
  tx: Queryable,
  token: string,
  kind: UserLink['kind'],
): Promise<UserLink & { userId: string | null }> {
  const { rows } = await tx.query<UserLink & { userId: string | null }>(
    `delete from bellwire.user_links where hash = $1 and kind = $2 and expires_at > now()
      returning ${COLUMNS}, user_id as "userId"`,
    [hashToken(token), kind],
  )
  return rows[0] ?? refuse()
}

function refuse(): never {
  throw new BellwireError(
    'link_invalid',
    'This link has been used, was replaced by a newer one, or has expired. Ask an owner for a new one.',
  )
}
