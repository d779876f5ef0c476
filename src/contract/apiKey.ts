import { z } from 'zod'
import { Id, Name, Timestamp } from './name.ts'

/** An admin key has full access; an agent key can only ask its one agent. */
export const NewApiKey = z.discriminatedUnion('scope', [
  z.strictObject({ name: Name, scope: z.literal('admin') }),
  z.strictObject({ name: Name, scope: z.literal('agent'), agent_id: Id }),
])
export type NewApiKey = z.infer<typeof NewApiKey>

export const ApiKey = z
  .object({
    id: Id,
    name: z.string(),
    scope: z.enum(['admin', 'agent']),
    agent_id: Id.nullable(),
    hint: z.string().meta({ description: 'The last four characters of the key' }),
    created_at: Timestamp,
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const CreatedApiKey = z
  .object({ ...ApiKey.shape, key: z.string().meta({ description: 'Shown only once' }) })
  .meta({ id: 'CreatedApiKey' })
