import type { PoolClient } from 'pg'
import type { Oidc } from '../../config/config.ts'
import { Name } from '../../contract/name.ts'
import type { Role } from '../../contract/role.ts'
import { ROLES } from '../../contract/roleOrder.ts'
import { Email } from '../../contract/user.ts'
import type { Database } from '../../db/database.ts'
import { newId } from '../../db/id.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { BellwireError } from '../../errors.ts'
import { USER_COLUMNS, type User } from '../users/userRow.ts'
import type { OidcClaims } from './provider.ts'

/** Who signed in at the provider. */
export type Identity = {
  issuer: string
  subject: string
  email: string
  name: string
  /** The role that the provider decides; undefined when roles are given here. */
  role: Role | undefined
}

/** The user of an identity, and whether one was made or linked to it now. */
export type SignedIn = { user: User; isChanged: boolean }

/** Characters whose lower case is that of another letter: the signs of Kelvin, Ångström and Ohm, and İ. */
const AMBIGUOUS = /[\u212A\u212B\u2126\u0130]/

/**
 * Checks what the provider says about a person. Only a verified email address says whose account it is: at some providers
 * anybody can enter any address.
 *
 * @throws BellwireError `oidc_refused`
 */
export function identify(claims: OidcClaims, { emailDomains, roleClaim, defaultRole }: Oidc): Identity {
  const email = Email.safeParse(claims['email'])
  if (!email.success) return refuse('The provider sent no email address.')
  if (claims['email_verified'] !== true) return refuse('The provider has not verified the email address.')
  // Addresses are compared in lower case: it would be taken for that of somebody else.
  if (AMBIGUOUS.test(email.data)) {
    return refuse('The email address has a letter that is easily taken for another.')
  }
  const domain = email.data.slice(email.data.lastIndexOf('@') + 1).toLowerCase()
  if (emailDomains.length > 0 && !emailDomains.includes(domain)) {
    return refuse(`Email addresses of ${domain} cannot sign in here.`)
  }
  const role = roleClaim === undefined ? undefined : (highestRole(claims[roleClaim]) ?? defaultRole)
  if (roleClaim !== undefined && role === undefined)
    return refuse('The provider gives this account no role here.')
  const name = [claims['name'], claims['preferred_username'], email.data].flatMap((text) => {
    const read = Name.safeParse(text)
    return read.success ? [read.data] : []
  })[0]
  return {
    issuer: claims.issuer,
    subject: claims.subject,
    email: email.data,
    name: name ?? email.data,
    role,
  }
}

/** The highest role that a claim names: one, or a list with others in it. */
function highestRole(claim: unknown): Role | undefined {
  const given: unknown[] = Array.isArray(claim) ? claim : [claim]
  return ROLES.findLast((role) => given.includes(role))
}

/**
 * Finds the user of an identity: the one who signed in with it before; or else the one with its email address, who is
 * linked to it; or else a new one, with the role of an invitation, of the provider, or of the settings.
 *
 * @throws BellwireError `oidc_refused` for somebody who was not invited, a disabled user, an address that belongs to
 *   another identity
 */
export function findOrCreate(db: Database, identity: Identity, { defaultRole }: Oidc): Promise<SignedIn> {
  const { issuer, subject, email, name, role } = identity
  return db.transaction(async (tx) => {
    // Two first sign-ins of one person wait for each other.
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `bellwire oidc ${email.toLowerCase()}`,
    ])
    const known = await find(tx, 'oidc_issuer = $1 and oidc_subject = $2', [issuer, subject])
    if (known) return { user: admit(known), isChanged: false }

    const sameEmail = await find(tx, 'lower(email) = lower($1)', [email])
    if (sameEmail) {
      if (sameEmail.hasSingleSignOn) return refuse(`${email} belongs to another account of the provider.`)
      admit(sameEmail)
      const linked = await tx.query<User>(
        `update bellwire.users set oidc_issuer = $2, oidc_subject = $3, updated_at = now() where id = $1
          returning ${USER_COLUMNS}`,
        [sameEmail.id, issuer, subject],
      )
      return { user: onlyRow(linked), isChanged: true }
    }

    const invited = await tx.query<{ role: Role }>(
      `delete from bellwire.user_links where kind = 'invitation' and lower(email) = lower($1) and expires_at > now()
        returning role`,
      [email],
    )
    const given = role ?? invited.rows[0]?.role ?? defaultRole
    if (given === undefined) return refuse(`Nobody has invited ${email}. Ask an owner for an invitation.`)
    const made = await tx.query<User>(
      `insert into bellwire.users (id, email, name, role, oidc_issuer, oidc_subject) values ($1, $2, $3, $4, $5, $6)
        returning ${USER_COLUMNS}`,
      [newId(), email, name, given, issuer, subject],
    )
    return { user: onlyRow(made), isChanged: true }
  })
}

async function find(tx: PoolClient, where: string, values: string[]): Promise<User | undefined> {
  const { rows } = await tx.query<User>(
    `select ${USER_COLUMNS} from bellwire.users where ${where} for update`,
    values,
  )
  return rows[0]
}

function admit(user: User): User {
  return user.disabled ? refuse('This user is disabled.') : user
}

function refuse(detail: string): never {
  throw new BellwireError('oidc_refused', detail)
}
