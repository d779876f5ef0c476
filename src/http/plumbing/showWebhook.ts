import type { Webhook as StoredWebhook } from '../../webhooks/webhook.ts'
import type { HeldCount } from '../../tasks/heldTasks.ts'
import type { Webhook } from '../../contract/webhook.ts'
import { webhookWarnings } from './webhookWarnings.ts'

/** The URL that starts an agent. */
export function webhookUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/api/webhooks/agents/${token}`
}

/** A webhook for readers who may not start its agent. */
export function maskUrl(webhook: Webhook): Webhook {
  return { ...webhook, url: webhook.url.replace(/[^/]*$/, '********') }
}

/** Creates the function that turns a webhook into what a response shows of it. */
export function createShowWebhook(
  publicUrl: string,
): (webhook: StoredWebhook, held: ReadonlyMap<string, HeldCount>) => Webhook {
  return (
    { id, agentId, name, enabled, isDefault, token, options, callback, createdAt, updatedAt, ...more },
    held,
  ) => ({
    id,
    agent_id: agentId,
    name,
    enabled,
    is_default: isDefault,
    url: webhookUrl(publicUrl, token),
    ...options,
    warnings: webhookWarnings(options),
    secrets: { count: more.secrets.length, updated_at: more.secretsUpdatedAt?.toISOString() ?? null },
    held: {
      count: held.get(id)?.count ?? 0,
      oldest_at: held.get(id)?.oldestAt.toISOString() ?? null,
    },
    callback,
    version: more.version,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  })
}
