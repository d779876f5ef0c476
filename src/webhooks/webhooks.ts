import type pg from 'pg'
import type { CallbackSettings } from '../contract/callback.ts'
import { etagOf, requireMatch, type IfMatch } from '../contract/ifMatch.ts'
import { WebhookSettings, type WebhookPatch } from '../contract/webhook.ts'
import type { WebhookOptions } from '../contract/webhookOptions.ts'
import { createAnnouncements, type Announcements } from '../db/announcements.ts'
import { pipeline, type Database, type Queryable } from '../db/database.ts'
import { isId, newId } from '../db/id.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { BellwireError, type FieldError } from '../errors.ts'
import { findAgent, lockAgent } from '../agents/agentRow.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'
import type { Vault } from '../secrets/vault.ts'
import { hashToken, newToken } from '../db/token.ts'
import { createFindTarget, type FindTarget } from './findTarget.ts'
import { patchOptions, patchSecrets } from './patchWebhook.ts'
import type { Webhook } from './webhook.ts'
import {
  createWebhookRows,
  SELECT_WEBHOOKS,
  WEBHOOK_COLUMNS,
  type FullRow,
  type WebhookRow,
} from './webhookRows.ts'
import { createWebhookSeals } from './webhookSeals.ts'

/**
 * Webhooks of agents. Methods throw BellwireError `agent_not_found` and `webhook_not_found` for unknown ids; a webhook
 * is found only under its own agent.
 */
export type Webhooks = {
  create(agentId: string, settings: WebhookSettings): Promise<Webhook>
  /** The agent's default webhook, created on first use: the same for all callers, however many call at once. */
  default(agentId: string): Promise<Webhook>
  get(agentId: string, id: string): Promise<Webhook>
  /** The same by its id alone. */
  find(id: string): Promise<Webhook>
  /** Newest first; `after` is the id of a webhook. */
  list(agentId: string, page: PageRequest): Promise<Page<Webhook>>
  /** @throws BellwireError `precondition_failed` when `ifMatch` is of another version */
  update(agentId: string, id: string, patch: WebhookPatch, ifMatch?: IfMatch): Promise<Webhook>
  delete(agentId: string, id: string, ifMatch?: IfMatch): Promise<void>
  /**
   * Gives the webhook a new token. Previous ones keep working for `graceSeconds`, or for the rest of an earlier,
   * shorter grace period.
   */
  rotate(agentId: string, id: string, options: { graceSeconds: number }): Promise<Webhook>
  findByTokenHash: FindTarget
}

/** Writes the callback of a webhook, in the transaction that writes the webhook. */
export type WriteCallback = {
  /** @returns `secret`: one that was made just now */
  set(tx: Queryable, webhookId: string, settings: CallbackSettings): Promise<{ secret?: string }>
  /** False when there was none. */
  delete(tx: Queryable, webhookId: string): Promise<boolean>
}

/** Finds what is wrong with the settings of a webhook, all of them together. */
export type CheckWebhook = (settings: {
  options: WebhookOptions
  secrets: readonly string[]
}) => Promise<FieldError[]>

/** How often a change is tried again that others have overtaken. */
const MAX_TRIES = 5

export function createWebhooks({
  db,
  vault,
  check,
  callbacks,
  changes = createAnnouncements(),
}: {
  db: Database
  vault: Vault
  check: CheckWebhook
  callbacks: WriteCallback
  /** Where changes are announced: whoever remembers webhooks forgets them. */
  changes?: Pick<Announcements, 'announce'>
}): Webhooks {
  const seals = createWebhookSeals(vault)
  const { find, findDefault, withToken, withoutToken } = createWebhookRows(seals)

  async function insert(
    tx: pg.PoolClient,
    agentId: string,
    { isDefault, ...settings }: WebhookSettings & { isDefault: boolean },
  ): Promise<Webhook> {
    const { name, enabled, secrets, callback, ...options } = settings
    const id = newId()
    const made = await tx.query<WebhookRow>(
      `insert into bellwire.webhooks as w
          (id, agent_id, name, enabled, is_default, options, secrets, secrets_updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, case when $7::bytea is not null then now() end)
        returning ${WEBHOOK_COLUMNS}`,
      [id, agentId, name, enabled, isDefault, JSON.stringify(options), seals.sealSecrets(id, secrets)],
    )
    const webhook = callback
      ? await withCallback(tx, withoutToken(onlyRow(made)), callback)
      : withoutToken(onlyRow(made))
    return { ...webhook, token: insertToken(tx, id) }
  }

  /** Sets or removes the callback of a webhook, which is then read again. */
  async function withCallback(
    tx: Queryable,
    { id }: Pick<Webhook, 'id'>,
    settings: CallbackSettings | null,
  ): Promise<Omit<Webhook, 'token'>> {
    const { secret } = settings ? await callbacks.set(tx, id, settings) : {}
    if (!settings) await callbacks.delete(tx, id)
    const row = onlyRow(
      await tx.query<WebhookRow>(`select ${WEBHOOK_COLUMNS} from bellwire.webhooks w where w.id = $1`, [id]),
    )
    const webhook = withoutToken(row)
    if (secret === undefined || !webhook.callback) return webhook
    return { ...webhook, callback: { ...webhook.callback, secret } }
  }

  /** Creates a token; its row is sent in the same round trip as the commit. */
  function insertToken(tx: pg.PoolClient, webhookId: string): string {
    const token = newToken()
    const row = tx.query(
      'insert into bellwire.webhook_tokens (hash, webhook_id, ciphertext) values ($1, $2, $3)',
      [hashToken(token), webhookId, seals.sealToken(webhookId, token)],
    )
    pipeline(tx, row)
    return token
  }

  async function refuseInvalid(settings: Parameters<CheckWebhook>[0]): Promise<void> {
    const errors = await check(settings)
    if (errors.length > 0) {
      throw new BellwireError('schema_invalid', 'These settings are invalid.', { errors })
    }
  }

  /** Checks a change against all settings together, outside of the transaction that then makes it. */
  async function update(
    agentId: string,
    id: string,
    patch: WebhookPatch,
    ifMatch: IfMatch,
    tries = 1,
  ): Promise<Webhook> {
    const { name, enabled, secrets: given, keep_secrets, callback, ...changed } = patch
    const before = await find(db.pool, agentId, id)
    requireMatch(ifMatch, etagOf(before.version))
    const options = patchOptions(before.options, changed)
    const secrets = patchSecrets(before.secrets, { given, keep: keep_secrets })
    await refuseInvalid({ options, secrets: secrets ?? before.secrets })
    const after = await change(agentId, id, async (tx, { token, version }) => {
      if (version !== before.version) return undefined
      const sealed = secrets && seals.sealSecrets(id, secrets)
      const row = await tx.query<WebhookRow>(
        `update bellwire.webhooks w
          set name = coalesce($2, name), enabled = coalesce($3, enabled), options = $4,
            secrets = case when $5 then $6 else secrets end,
            secrets_updated_at = case when $5 then now() else secrets_updated_at end,
            version = version + 1, updated_at = now()
          where id = $1 returning ${WEBHOOK_COLUMNS}`,
        [id, name ?? null, enabled ?? null, JSON.stringify(options), secrets !== undefined, sealed ?? null],
      )
      const webhook = withoutToken(onlyRow(row))
      return { ...(callback === undefined ? webhook : await withCallback(tx, webhook, callback)), token }
    })
    if (after) return after
    if (tries === MAX_TRIES) throw new BellwireError('conflict')
    return update(agentId, id, patch, ifMatch, tries + 1)
  }

  /** Announces a change once it is committed. */
  async function announced<T>(work: Promise<T>): Promise<T> {
    const result = await work
    changes.announce()
    return result
  }

  /** Runs `work` on one webhook of an existing agent, while nothing else can change either. */
  function change<T>(agentId: string, id: string, work: (tx: pg.PoolClient, webhook: Webhook) => Promise<T>) {
    return db.transaction(async (tx) => {
      await lockAgent(tx, agentId)
      return work(tx, await find(tx, agentId, id))
    })
  }

  return {
    findByTokenHash: createFindTarget(db, seals),

    async create(agentId, settings) {
      const { name: _name, enabled: _enabled, secrets, callback: _callback, ...options } = settings
      await refuseInvalid({ options, secrets })
      return db.transaction(async (tx) => {
        await lockAgent(tx, agentId)
        return insert(tx, agentId, { ...settings, isDefault: false })
      })
    },

    async default(agentId) {
      await findAgent(db.pool, agentId)
      const webhook = await findDefault(db.pool, agentId)
      if (webhook) return webhook
      return db.transaction(async (tx) => {
        await lockAgent(tx, agentId)
        const made = await findDefault(tx, agentId)
        return made ?? insert(tx, agentId, { ...WebhookSettings.parse({ name: 'Default' }), isDefault: true })
      })
    },

    async get(agentId, id) {
      await findAgent(db.pool, agentId)
      return find(db.pool, agentId, id)
    },

    async find(id) {
      const { rows } = isId(id)
        ? await db.pool.query<{ agentId: string }>(
            `select w.agent_id as "agentId" from bellwire.webhooks w
              join bellwire.agents a on a.id = w.agent_id where w.id = $1 and a.deleted_at is null`,
            [id],
          )
        : { rows: [] }
      if (!rows[0]) throw new BellwireError('webhook_not_found', 'There is no webhook with this id.')
      return find(db.pool, rows[0].agentId, id)
    },

    async list(agentId, { limit, after }) {
      await findAgent(db.pool, agentId)
      const { rows } = await db.pool.query<FullRow>(
        `${SELECT_WEBHOOKS} where w.agent_id = $1 and ($2::uuid is null or w.id < $2) order by w.id desc limit $3`,
        [agentId, after ?? null, limit + 1],
      )
      return toPage(rows, { limit, name: (row) => row.id, show: withToken })
    },

    async update(agentId, id, patch, ifMatch) {
      await findAgent(db.pool, agentId)
      return announced(update(agentId, id, patch, ifMatch))
    },

    delete: (agentId, id, ifMatch) =>
      announced(
        change(agentId, id, async (tx, { version }) => {
          requireMatch(ifMatch, etagOf(version))
          pipeline(tx, tx.query('delete from bellwire.webhooks where id = $1', [id]))
        }),
      ),

    rotate: (agentId, id, { graceSeconds }) =>
      announced(
        change(agentId, id, async (tx, webhook) => {
          await tx.query(
            'delete from bellwire.webhook_tokens where webhook_id = $1 and expires_at <= now()',
            [id],
          )
          // least() passes over null, the expiry of the token that is current until now.
          await tx.query(
            `update bellwire.webhook_tokens set expires_at = least(expires_at, now() + make_interval(secs => $2))
            where webhook_id = $1`,
            [id, graceSeconds],
          )
          return { ...webhook, token: insertToken(tx, id) }
        }),
      ),
  }
}
