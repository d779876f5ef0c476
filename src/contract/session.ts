import { z } from 'zod'
import { Id, Timestamp } from './name.ts'
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
