import { z } from 'zod'
import { Id, Name, Timestamp } from './name.ts'
import { Role } from './role.ts'

/** An admin key may do what its role allows; an agent key can only ask its one agent. */
export const NewApiKey = z.discriminatedUnion('scope', [
  z.strictObject({ name: Name, scope: z.literal('admin'), role: Role.default('owner') }),
  z.strictObject({ name: Name, scope: z.literal('agent'), agent_id: Id }),
])
export type NewApiKey = z.infer<typeof NewApiKey>

export const ApiKey = z
  .object({
    id: Id,
    name: z.string(),
    scope: z.enum(['admin', 'agent']),
    role: Role.nullable().meta({ description: 'What an admin key may do; null for the key of an agent' }),
    agent_id: Id.nullable(),
    hint: z.string().meta({ description: 'The last four characters of the key' }),
    created_at: Timestamp,
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const CreatedApiKey = z
  .object({ ...ApiKey.shape, key: z.string().meta({ description: 'Shown only once' }) })
  .meta({ id: 'CreatedApiKey' })
