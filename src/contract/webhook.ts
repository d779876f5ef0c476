import { z } from 'zod'
import { CallbackSettings, WebhookCallback } from './callback.ts'
import { Id, Name, Timestamp } from './name.ts'
import { WebhookOptions, WebhookOptionsPatch } from './webhookOptions.ts'

/** The most secrets that a webhook can have. */
export const MAX_SECRETS = 10

/** What requests are verified with. Several while they are rotated: each of them counts. */
const WebhookSecrets = z.array(z.string().min(1).max(10_000)).max(MAX_SECRETS).meta({
  description:
    'The secret that verifies requests, as the sender shows it; several during rotation. Write-only',
  writeOnly: true,
})

const Enabled = z.boolean().meta({ description: 'A disabled webhook returns 404' })

/** What an operator decides about an entrance to an agent. */
export const WebhookSettings = z.strictObject({
  name: Name.default('Webhook'),
  enabled: Enabled.default(true),
  ...WebhookOptions.shape,
  secrets: WebhookSecrets.default([]),
  callback: CallbackSettings.nullish(),
})
export type WebhookSettings = z.infer<typeof WebhookSettings>

export const WebhookPatch = z.strictObject({
  name: Name.optional(),
  enabled: Enabled.optional(),
  ...WebhookOptionsPatch.shape,
  secrets: WebhookSecrets.optional(),
  keep_secrets: z
    .int()
    .min(0)
    .max(MAX_SECRETS)
    .optional()
    .meta({
      description:
        'How many of the stored secrets stay valid beside those in `secrets`, newest first: 1 while you rotate. By ' +
        'default, `secrets` replaces all of them',
    }),
  callback: CallbackSettings.nullish().meta({
    description: 'Replaces the whole callback, except its secret',
  }),
})
export type WebhookPatch = z.infer<typeof WebhookPatch>

export const Webhook = z
  .object({
    id: Id,
    agent_id: Id,
    name: z.string(),
    enabled: z.boolean(),
    is_default: z.boolean().meta({ description: 'The webhook returned by GET /api/agent_webhook' }),
    url: z.string().meta({
      description:
        'Anyone with this URL can start the agent: keep it secret. For viewers and approvers its token is masked',
    }),
    ...WebhookOptions.shape,
    secrets: z
      .object({ count: z.int(), updated_at: Timestamp.nullable() })
      .meta({ description: 'How many secrets there are, and when they last changed' }),
    warnings: z.array(z.string()).meta({
      description: 'Risks of valid settings, such as requests that can be replayed',
    }),
    held: z
      .object({ count: z.int(), oldest_at: Timestamp.nullable() })
      .meta({ description: 'Held tasks, and since when the oldest has been held' }),
    callback: WebhookCallback.nullable(),
    version: z.int().meta({ description: 'Increases with each change; the ETag without its quotes' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Webhook' })
export type Webhook = z.infer<typeof Webhook>

/** How long the previous URL keeps working. Zero also ends those of earlier rotations. */
export const Rotation = z.strictObject({ grace_seconds: z.int().min(0).max(2_592_000).default(0) })

/** The response of GET /api/agent_webhook. */
export const AgentWebhook = z.object({ success: z.literal(true), webhook_url: z.string() })

/** Which held tasks are meant: all of them by default. */
export const HeldTasks = z.strictObject({
  task_ids: z
    .array(z.uuid())
    .min(1)
    .max(10_000)
    .optional()
    .meta({ description: 'All held tasks by default' }),
})

/** What became of them. Ids that are not held at this webhook are left out. */
export const HeldOutcome = z.object({ task_ids: z.array(Id) }).meta({ id: 'HeldOutcome' })
