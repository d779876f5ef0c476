import type { Role } from '../../contract/role.ts'
import type { Queryable } from '../../db/database.ts'
import { isId, newId } from '../../db/id.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { BellwireError } from '../../errors.ts'

/** A person who signs in by name. */
export type User = {
  id: string
  email: string
  name: string
  role: Role
  disabled: boolean
  hasPassword: boolean
  hasSingleSignOn: boolean
  createdAt: Date
  lastSignInAt: Date | null
}

/** The columns of a {@link User}, of the table `bellwire.users`. */
export const USER_COLUMNS = `id, email, name, role, disabled_at is not null as disabled,
  password_hash is not null as "hasPassword", oidc_subject is not null as "hasSingleSignOn",
  created_at as "createdAt", last_sign_in_at as "lastSignInAt"`

/** @throws BellwireError `user_not_found` */
export async function readUser(source: Queryable, id: string): Promise<User> {
  if (!isId(id)) throw new BellwireError('user_not_found')
  const { rows } = await source.query<User>(`select ${USER_COLUMNS} from bellwire.users where id = $1`, [id])
  if (!rows[0]) throw new BellwireError('user_not_found')
  return rows[0]
}

/**
 * Creates a user who signs in with a password, or has none yet.
 *
 * @throws BellwireError `email_taken`
 */
export async function insertUser(
  source: Queryable,
  { email, name, role, hash }: { email: string; name: string; role: Role; hash: string | null },
): Promise<User> {
  const made = source.query<User>(
    `insert into bellwire.users (id, email, name, role, password_hash) values ($1, $2, $3, $4, $5)
      returning ${USER_COLUMNS}`,
    [newId(), email, name, role, hash],
  )
  return onlyRow(
    await made.catch((error: unknown) => {
      throw isEmailTaken(error) ? emailTaken(email) : error
    }),
  )
}

/** Whether an error of the database says that another row has this email address. */
function isEmailTaken(error: unknown): boolean {
  return Object(error).constraint === 'users_email_idx'
}

/** The response when an email address belongs to another user. */
export function emailTaken(email: string): BellwireError {
  return new BellwireError('email_taken', `${email} belongs to another user.`)
}
