import { z } from 'zod'
import { Id, Name, Timestamp } from './name.ts'
import { Role } from './role.ts'
import { Email, NewPassword } from './user.ts'

export const NewInvitation = z.strictObject({ email: Email, role: Role }).meta({ id: 'NewInvitation' })
export type NewInvitation = z.infer<typeof NewInvitation>

/** An invitation that nobody has accepted yet. */
export const Invitation = z
  .object({
    id: Id,
    email: z.string(),
    role: Role,
    created_by: z.string().meta({ description: 'The name of the user or key' }),
    created_at: Timestamp,
    expires_at: Timestamp.meta({
      description: 'An expired one stays in the list until it is replaced or deleted',
    }),
  })
  .meta({ id: 'Invitation' })
export type Invitation = z.infer<typeof Invitation>

const Url = z.string().meta({ description: 'Works once, within seven days. Shown only in this response' })

/** Whether a link was sent to the person. */
export const LinkMail = z
  .object({
    sent: z.boolean(),
    error: z
      .string()
      .nullable()
      .meta({ description: 'Why it was not sent. In that case, send the link to the person yourself' }),
  })
  .meta({ id: 'LinkMail', description: 'Whether the link was sent by mail' })
export type LinkMail = z.infer<typeof LinkMail>

export const CreatedInvitation = z
  .object({ ...Invitation.shape, url: Url, mail: LinkMail })
  .meta({ id: 'CreatedInvitation' })

/** A link with which a user sets a new password. */
export const PasswordResetLink = z
  .object({ url: Url, expires_at: Timestamp, mail: LinkMail })
  .meta({ id: 'PasswordResetLink' })

/** The part of a link after `#`. */
const LinkToken = z.string().min(1).max(200).meta({ description: 'The part of the link after #' })

export const CheckUserLink = z.strictObject({ token: LinkToken }).meta({ id: 'CheckUserLink' })

/** What a link is for. */
export const UserLink = z
  .object({
    kind: z.enum(['invitation', 'password_reset']),
    email: z.string(),
    role: Role,
    expires_at: Timestamp,
  })
  .meta({ id: 'UserLink' })
export type UserLink = z.infer<typeof UserLink>

export const AcceptInvitation = z
  .strictObject({ token: LinkToken, name: Name, password: NewPassword })
  .meta({ id: 'AcceptInvitation' })

export const AcceptPasswordReset = z
  .strictObject({ token: LinkToken, password: NewPassword })
  .meta({ id: 'AcceptPasswordReset' })
