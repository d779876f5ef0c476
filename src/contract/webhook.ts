import { z } from 'zod'
import { Id, Name, Timestamp } from './name.ts'

/** The settings of a webhook that an operator can change. */
export const WebhookSettings = z.strictObject({
  name: Name.default('Webhook'),
  enabled: z.boolean().default(true).meta({ description: 'A disabled webhook returns 404' }),
})
export type WebhookSettings = z.infer<typeof WebhookSettings>

export const WebhookPatch = z.strictObject({
  name: WebhookSettings.shape.name.unwrap().optional(),
  enabled: WebhookSettings.shape.enabled.unwrap().optional(),
})
export type WebhookPatch = z.infer<typeof WebhookPatch>

export const Webhook = z
  .object({
    id: Id,
    agent_id: Id,
    name: z.string(),
    enabled: z.boolean(),
    is_default: z.boolean().meta({ description: 'The webhook returned by GET /api/agent_webhook' }),
    url: z.string().meta({ description: 'Anyone with this URL can start the agent: keep it secret' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Webhook' })
export type Webhook = z.infer<typeof Webhook>

/** How long the previous URL keeps working. Zero also ends those of earlier rotations. */
export const Rotation = z.strictObject({ grace_seconds: z.int().min(0).max(2_592_000).default(0) })

/** The response of GET /api/agent_webhook. */
export const AgentWebhook = z.object({ success: z.literal(true), webhook_url: z.string() })
