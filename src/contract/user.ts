import { z } from 'zod'
import { Id, Name, Timestamp } from './name.ts'
import { Role } from './role.ts'

export const Email = z
  .string()
  .trim()
  .max(254)
  .regex(
    // No part may contain its own separator: the search would otherwise take the square of the length.
    /^[^\s@<>,;\p{Cc}\p{Cs}]+@[^\s@<>,;.\p{Cc}\p{Cs}]+(?:\.[^\s@<>,;.\p{Cc}\p{Cs}]+)+$/u,
    'use an email address',
  )
  .meta({ description: 'Not case-sensitive' })

/** A password to set. */
export const NewPassword = z
  .string()
  .min(12, 'use at least 12 characters')
  .max(200, 'use at most 200 characters')
  .meta({ description: 'At least 12 characters' })

/** A password to check. */
export const GivenPassword = z.string().min(1).max(1_000)

export const NewUser = z
  .strictObject({
    email: Email,
    name: Name,
    role: Role,
    password: NewPassword.optional().meta({
      description:
        'Without a password, the user signs in with single sign-on, or sets a password with a link from POST /api/users/{id}/password_reset',
    }),
  })
  .meta({ id: 'NewUser' })
export type NewUser = z.infer<typeof NewUser>

export const UserPatch = z
  .strictObject({
    name: Name.optional(),
    role: Role.optional(),
    disabled: z.boolean().optional().meta({ description: 'true ends the sessions of the user' }),
  })
  .meta({ id: 'UserPatch' })
export type UserPatch = z.infer<typeof UserPatch>

export const User = z
  .object({
    id: Id,
    email: z.string(),
    name: z.string(),
    role: Role,
    disabled: z.boolean(),
    has_password: z.boolean(),
    has_single_sign_on: z.boolean().meta({ description: 'Has signed in through the OIDC provider' }),
    created_at: Timestamp,
    last_sign_in_at: Timestamp.nullable(),
  })
  .meta({ id: 'User' })
export type User = z.infer<typeof User>
