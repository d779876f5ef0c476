import type { Webhook as StoredWebhook } from '../../webhooks/webhooks.ts'
import type { Webhook } from '../../contract/webhook.ts'

/** The URL that starts an agent. */
export function webhookUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/api/webhooks/agents/${token}`
}

/** Creates the function that converts a webhook to its API form. */
export function createShowWebhook(publicUrl: string): (webhook: StoredWebhook) => Webhook {
  return ({ id, agentId, name, enabled, isDefault, token, options, createdAt, updatedAt, ...more }) => ({
    id,
    agent_id: agentId,
    name,
    enabled,
    is_default: isDefault,
    url: webhookUrl(publicUrl, token),
    ...options,
    secrets: { count: more.secrets.length, updated_at: more.secretsUpdatedAt?.toISOString() ?? null },
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  })
}
