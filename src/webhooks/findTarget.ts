import { fromStoredOptions } from '../contract/webhookOptions.ts'
import type { Database } from '../db/database.ts'
import type { TargetCallback, Webhook } from './webhook.ts'
import type { WebhookSeals } from './webhookSeals.ts'

/** What a trigger needs to know of a webhook. */
export type WebhookTarget = Pick<Webhook, 'agentId' | 'enabled' | 'options' | 'secrets' | 'version'> & {
  webhookId: string
  callback: TargetCallback | null
  /** `limits.max_pending_tasks` of the agent. */
  maxPending: number | undefined
}

type TargetRow = Omit<WebhookTarget, 'secrets' | 'maxPending'> & {
  sealedSecrets: Buffer | null
  maxPending: number | null
}

/** Finds the webhook of a token; undefined when there is none, or the token has expired. */
export type FindTarget = (tokenHash: Buffer) => Promise<WebhookTarget | undefined>

export function createFindTarget(db: Database, { openSecrets }: WebhookSeals): FindTarget {
  return async (hash) => {
    const { rows } = await db.pool.query<TargetRow>({
      name: 'webhook_by_token',
      text: `select w.id as "webhookId", w.agent_id as "agentId", w.enabled, w.options,
            w.secrets as "sealedSecrets", w.version,
            (r.config->'limits'->>'max_pending_tasks')::int as "maxPending",
            case when c.webhook_id is not null then json_build_object(
              'url', c.url, 'events', c.events, 'content', c.content, 'hosts', c.hosts) end as callback
          from bellwire.webhook_tokens t
          join bellwire.webhooks w on w.id = t.webhook_id
          left join bellwire.callbacks c on c.webhook_id = w.id
          join bellwire.agents a on a.id = w.agent_id
          left join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
          where t.hash = $1 and (t.expires_at is null or t.expires_at > now()) and a.deleted_at is null`,
      values: [hash],
    })
    if (!rows[0]) return undefined
    const { sealedSecrets, ...target } = rows[0]
    return {
      ...target,
      maxPending: target.maxPending ?? undefined,
      options: fromStoredOptions(target.options),
      secrets: openSecrets(target.webhookId, sealedSecrets),
    }
  }
}
