import { z } from 'zod'
import { Id, Timestamp } from './name.ts'

export const SecretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'use letters, digits and _, at most 64, not starting with a digit')

export const SecretValue = z.strictObject({ value: z.string().min(1).max(65_536) })

/** A secret as returned by the API: never with its value. */
export const Secret = z
  .object({ name: z.string(), created_at: Timestamp, updated_at: Timestamp })
  .meta({ id: 'Secret' })
export type Secret = z.infer<typeof Secret>

export const SecretWithUse = z
  .object({
    ...Secret.shape,
    used_by: z.array(z.object({ agent_id: Id, name: z.string() })).meta({
      description: 'Agents whose latest revision uses it in a tool, or whose webhooks reply with it',
    }),
  })
  .meta({ id: 'SecretWithUse' })
