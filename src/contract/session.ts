import { z } from 'zod'
import { Id, Timestamp } from './name.ts'
import { PageQuery } from './page.ts'
import { Role } from './role.ts'
import { Email, GivenPassword, NewPassword } from './user.ts'

/** The credentials for the console: the code of a printed sign-in link, an admin key, or an email with a password. */
export const SignIn = z.union([
  z.strictObject({ code: z.string().min(1).max(200) }),
  z.strictObject({ key: z.string().min(1).max(1_000) }),
  z.strictObject({ email: Email, password: GivenPassword }),
])
export type SignIn = z.infer<typeof SignIn>

/** How a session was opened. */
export const SessionVia = z.enum(['link', 'key', 'password', 'oidc'])
export type SessionVia = z.infer<typeof SessionVia>

/** The current session. */
export const Session = z
  .object({
    via: SessionVia.meta({ description: 'How the session was opened' }),
    role: Role.meta({ description: 'What the session, or the key of the request, may do' }),
    user: z
      .object({ id: Id, email: z.string(), name: z.string(), has_password: z.boolean() })
      .nullable()
      .meta({ description: 'Null for a key and for a sign-in link' }),
    people: z.boolean().meta({ description: 'Whether this installation has users or invitations' }),
    expires_at: Timestamp.nullable().meta({ description: 'Null if the request has an API key' }),
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>

/** How people can sign in here, for the sign-in page. */
export const SignInOptions = z
  .object({
    password: z.boolean().meta({ description: 'There are users who may have a password' }),
    oidc: z
      .object({ url: z.string().meta({ description: 'Open it in the browser to sign in' }) })
      .nullable()
      .meta({ description: 'Null unless single sign-on is configured' }),
  })
  .meta({ id: 'SignInOptions' })
export type SignInOptions = z.infer<typeof SignInOptions>

export const ChangePassword = z
  .strictObject({
    current_password: GivenPassword.optional().meta({
      description: 'Required if the user has a password',
    }),
    password: NewPassword,
  })
  .meta({ id: 'ChangePassword' })

/** An open session of the console. */
export const ListedSession = z
  .object({
    id: Id,
    via: SessionVia,
    name: z
      .string()
      .nullable()
      .meta({ description: 'Of the user or the key that opened it; null for a sign-in link' }),
    user_id: Id.nullable(),
    key_id: Id.nullable(),
    is_current: z.boolean().meta({ description: 'The session of this request' }),
    address: z.string().nullable().meta({ description: 'Of the client, when it was opened' }),
    user_agent: z.string().nullable().meta({ description: 'The browser, when it was opened' }),
    created_at: Timestamp,
    last_seen_at: Timestamp.meta({ description: 'Exact to a few minutes' }),
    expires_at: Timestamp,
  })
  .meta({ id: 'ListedSession' })
export type ListedSession = z.infer<typeof ListedSession>

const Everybody = z
  .stringbool({ truthy: ['true'], falsy: ['false'], error: 'use true or false' })
  .optional()
  .meta({ description: 'true: the sessions of everybody, for owners', type: 'boolean' })

export const SessionQuery = z.strictObject({ ...PageQuery.shape, everybody: Everybody })

export const EndedSessions = z.object({ ended: z.int() }).meta({ id: 'EndedSessions' })
