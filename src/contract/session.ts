import { z } from 'zod'
import { Timestamp } from './name.ts'

/** The credentials for the console: the code of a printed sign-in link, or an admin key. */
export const SignIn = z.union([
  z.strictObject({ code: z.string().min(1).max(200) }),
  z.strictObject({ key: z.string().min(1).max(1_000) }),
])
export type SignIn = z.infer<typeof SignIn>

/** The current session. */
export const Session = z
  .object({
    via: z.enum(['link', 'key']).meta({ description: 'How the session was opened' }),
    expires_at: Timestamp.nullable().meta({ description: 'Null if the request has an API key' }),
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>
