import type { NewInvitation } from '../../contract/invitation.ts'
import type { Role } from '../../contract/role.ts'
import type { Database, Queryable } from '../../db/database.ts'
import { isId, newId } from '../../db/id.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { toPage, type Page, type PageRequest } from '../../db/page.ts'
import { hashToken, newToken } from '../../db/token.ts'
import { BellwireError } from '../../errors.ts'
import type { Operator } from '../principal.ts'
import type { Revocations } from '../revocations.ts'
import { hashPassword } from './passwords.ts'
import type { CheckedPassword } from './passwordSignIn.ts'
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

/** An owner who creates a link. */
export type LinkCreator = Pick<Operator, 'name' | 'role' | 'userId' | 'keyId'>

/**
 * Links that create a user, or set a new password: each works once, for seven days, and only as long as the user or the
 * key that created it is an owner. A new link replaces the one before for the same address. Methods that take a token
 * throw BellwireError `link_invalid` for one that is unknown, used or expired.
 */
export type UserLinks = {
  /** @throws BellwireError `email_taken`; `role_insufficient` when the creator is no longer an owner */
  invite(invitation: NewInvitation, creator: LinkCreator): Promise<NewUserLink>
  /** Newest first, expired ones too. */
  listInvitations(page: PageRequest): Promise<Page<UserLink>>
  /** @throws BellwireError `invitation_not_found` */
  getInvitation(id: string): Promise<UserLink>
  /** @throws BellwireError `invitation_not_found` */
  deleteInvitation(id: string): Promise<void>
  /** @throws BellwireError `user_not_found`; `role_insufficient` when the creator is no longer an owner */
  resetPassword(userId: string, creator: LinkCreator): Promise<NewUserLink>
  /** What a link is for. It is not used up. */
  check(token: string): Promise<UserLink>
  /** @throws BellwireError `email_taken` */
  acceptInvitation(
    token: string,
    user: { name: string; password: string; address: string },
  ): Promise<CheckedPassword>
  /** Sets the password; all sessions of the user end. */
  acceptReset(token: string, user: { password: string; address: string }): Promise<CheckedPassword>
}

const COLUMNS = `id, kind, email, role, created_by as "createdBy", created_at as "createdAt", expires_at as "expiresAt"`

type Wanted = Pick<UserLink, 'kind' | 'email' | 'role'> & { userId?: string; creator: LinkCreator }

export function createUserLinks({ db, revocations }: { db: Database; revocations: Revocations }): UserLinks {
  async function create({ kind, email, role, userId, creator }: Wanted): Promise<NewUserLink> {
    const token = newToken()
    // The locks serialise this with a change of the creator's role, which ends the creator's links: see `endLinksOf`.
    const { rows } = await db.pool.query<UserLink>(
      `insert into bellwire.user_links
          (id, kind, hash, email, role, user_id, created_by, creator_user_id, creator_key_id, expires_at)
        select $1::uuid, $2, $3::bytea, $4, $5, $6::uuid, $7, $8::uuid, $9::uuid, now() + interval '${LIFETIME}'
        where ($8::uuid is null or exists (
            select from bellwire.users where id = $8::uuid and role = 'owner' and disabled_at is null for share))
          and ($9::uuid is null or exists (
            select from bellwire.api_keys where id = $9::uuid and coalesce(role, 'owner') = 'owner' for key share))
        on conflict (kind, lower(email)) do update set id = excluded.id, hash = excluded.hash,
          email = excluded.email, role = excluded.role, user_id = excluded.user_id,
          created_by = excluded.created_by, creator_user_id = excluded.creator_user_id,
          creator_key_id = excluded.creator_key_id, created_at = now(), expires_at = excluded.expires_at
        returning ${COLUMNS}`,
      [
        newId(),
        kind,
        hashToken(token),
        email,
        role,
        userId ?? null,
        creator.name,
        creator.userId ?? null,
        creator.keyId ?? null,
      ],
    )
    if (!rows[0]) throw new BellwireError('role_insufficient', 'You are no longer an owner.', NEEDS_OWNER)
    return { ...rows[0], token }
  }

  async function check(token: string): Promise<UserLink> {
    const { rows } = await db.pool.query<UserLink>(
      `select ${COLUMNS} from bellwire.user_links where hash = $1 and expires_at > now()`,
      [hashToken(token)],
    )
    return rows[0] ?? refuse()
  }

  return {
    async invite({ email, role }, creator) {
      const { rowCount } = await db.pool.query('select from bellwire.users where lower(email) = lower($1)', [
        email,
      ])
      if (rowCount !== 0) throw emailTaken(email)
      return create({ kind: 'invitation', email, role, creator })
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

    async resetPassword(userId, creator) {
      const { email, role } = await readUser(db.pool, userId)
      return create({ kind: 'password_reset', email, role, creator, userId })
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
      return { user, hash }
    },

    async acceptReset(token, { password, address }) {
      if ((await check(token)).kind !== 'password_reset') return refuse()
      const hash = await hashPassword({ password, address })
      const user = await db.transaction(async (tx) => {
        // The user is locked before the link, as in every other change of a user.
        await tx.query(
          'select from bellwire.users where id = (select user_id from bellwire.user_links where hash = $1) for update',
          [hashToken(token)],
        )
        const { userId } = await use(tx, token, 'password_reset')
        // Before the sessions are deleted: one that is being opened with the old password is then found, or not opened.
        const changed = await tx.query<User>(
          `update bellwire.users set password_hash = $2, updated_at = now() where id = $1 returning ${USER_COLUMNS}`,
          [userId, hash],
        )
        await tx.query('delete from bellwire.sessions where user_id = $1', [userId])
        return onlyRow(changed)
      })
      revocations.announce()
      return { user, hash }
    },
  }
}

const NEEDS_OWNER = { extensions: { required_role: 'owner' } }

/** Ends the links created by a user who is no longer an owner. */
export async function endLinksOf(tx: Queryable, userId: string): Promise<void> {
  await tx.query('delete from bellwire.user_links where creator_user_id = $1', [userId])
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
