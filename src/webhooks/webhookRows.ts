import { fromStoredOptions } from '../contract/webhookOptions.ts'
import type { Queryable } from '../db/database.ts'
import { isId } from '../db/id.ts'
import { jsonTime } from '../db/jsonTime.ts'
import { BellwireError } from '../errors.ts'
import type { Webhook } from './webhook.ts'
import type { WebhookSeals } from './webhookSeals.ts'

/** What {@link WEBHOOK_COLUMNS} select. */
export type WebhookRow = Omit<Webhook, 'token' | 'secrets'> & { sealedSecrets: Buffer | null }

/** What {@link SELECT_WEBHOOKS} selects. */
export type FullRow = WebhookRow & { ciphertext: Buffer }

/** Columns of `bellwire.webhooks as w`. */
export const WEBHOOK_COLUMNS = `w.id, w.agent_id as "agentId", w.name, w.enabled, w.is_default as "isDefault", w.options,
  w.secrets as "sealedSecrets", w.secrets_updated_at as "secretsUpdatedAt", w.version, w.created_at as "createdAt", w.updated_at as "updatedAt",
  (select json_build_object('url', c.url, 'events', c.events, 'content', c.content, 'hosts', c.hosts,
      'disabled_at', ${jsonTime('c.disabled_at')}, 'updated_at', ${jsonTime('c.updated_at')})
    from bellwire.callbacks c where c.webhook_id = w.id) as callback`

/** Webhooks with their current tokens. */
export const SELECT_WEBHOOKS = `select ${WEBHOOK_COLUMNS}, t.ciphertext from bellwire.webhooks w
  join bellwire.webhook_tokens t on t.webhook_id = w.id and t.expires_at is null`

/** Reads webhooks, with their tokens and secrets. */
export type WebhookRows = {
  /** @throws BellwireError `webhook_not_found` */
  find(source: Queryable, agentId: string, id: string): Promise<Webhook>
  findDefault(source: Queryable, agentId: string): Promise<Webhook | undefined>
  withToken(row: FullRow): Webhook
  withoutToken(row: WebhookRow): Omit<Webhook, 'token'>
}

/** Creates the reader of webhooks for a vault's seals. */
export function createWebhookRows({ openToken, openSecrets }: WebhookSeals): WebhookRows {
  function withToken({ ciphertext, ...row }: FullRow): Webhook {
    return { ...withoutToken(row), token: openToken(row.id, ciphertext) }
  }

  function withoutToken({ sealedSecrets, ...row }: WebhookRow): Omit<Webhook, 'token'> {
    return { ...row, options: fromStoredOptions(row.options), secrets: openSecrets(row.id, sealedSecrets) }
  }

  return {
    async find(source: Queryable, agentId: string, id: string): Promise<Webhook> {
      const { rows } = isId(id)
        ? await source.query<FullRow>(`${SELECT_WEBHOOKS} where w.id = $1 and w.agent_id = $2`, [id, agentId])
        : { rows: [] }
      if (!rows[0]) throw new BellwireError('webhook_not_found', 'This agent has no webhook with this id.')
      return withToken(rows[0])
    },

    async findDefault(source: Queryable, agentId: string): Promise<Webhook | undefined> {
      const { rows } = await source.query<FullRow>(
        `${SELECT_WEBHOOKS} where w.agent_id = $1 and w.is_default`,
        [agentId],
      )
      return rows[0] && withToken(rows[0])
    },

    withToken,
    withoutToken,
  }
}
