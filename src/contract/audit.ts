import { z } from 'zod'
import { Instant } from './instant.ts'
import { Id, Timestamp } from './name.ts'
import { PageQuery } from './page.ts'

/** Who did something: a user, an API key, or the holder of a sign-in link, an approval link or a task link. */
export const Actor = z
  .object({
    type: z.enum(['user', 'key', 'link']),
    id: Id.nullable().meta({ description: 'ID of the user or the key; null for a link' }),
    name: z.string().meta({ description: 'Name at that time; kept when the user or the key is deleted' }),
  })
  .meta({ id: 'Actor' })
export type Actor = z.infer<typeof Actor>

export const AuditChange = z
  .object({
    pointer: z.string().meta({
      description: 'A JSON pointer into the object; a notice channel is identified by its name or ID',
    }),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({
    id: 'AuditChange',
    description:
      'A field that changed. A value is absent if the field was not set. Values that are never shown, such as those of secrets and provider headers, are absent both before and after',
  })
export type AuditChange = z.infer<typeof AuditChange>

export const AuditEntry = z
  .object({
    id: Id,
    at: Timestamp,
    actor: Actor,
    route: z.string().meta({ description: 'The method and the path', examples: ['PATCH /api/agents/{id}'] }),
    operation: z.string().meta({ description: 'The operationId of the route', examples: ['updateAgent'] }),
    object: z.object({
      kind: z.string().meta({ examples: ['agent'] }),
      id: z.string().nullable().meta({ description: 'Its id, or the name of a secret or a model' }),
      name: z.string().nullable(),
    }),
    changes: z.array(AuditChange),
    outcome: z.enum(['done', 'unknown']).meta({
      description:
        'unknown: the process stopped before it recorded the outcome, so the change may or may not have been made',
    }),
    address: z.string().meta({ description: 'IP address of the client' }),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof AuditEntry>

export const AuditQuery = z.strictObject({
  ...PageQuery.shape,
  actor: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The id of a user or an API key; "link" for the holders of links' }),
  object: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The id of an object, or the name of a secret' }),
  kind: z
    .string()
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'The kind of the object', examples: ['agent'] }),
  from: Instant.optional().meta({ description: 'Entries from this time on' }),
  to: Instant.optional().meta({ description: 'Entries before this time' }),
})
export type AuditQuery = z.infer<typeof AuditQuery>
