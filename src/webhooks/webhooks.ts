import type pg from 'pg'
import type { WebhookPatch, WebhookSettings } from '../contract/webhook.ts'
import { pipeline, type Database, type Queryable } from '../db/database.ts'
import { isId, newId } from '../db/id.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { BellwireError } from '../errors.ts'
import { findAgent, lockAgent } from '../agents/agentRow.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'
import type { Vault } from '../secrets/vault.ts'
import { hashToken, newToken } from '../db/token.ts'

export type Webhook = {
  id: string
  agentId: string
  name: string
  enabled: boolean
  isDefault: boolean
  /** The secret part of its URL. */
  token: string
  createdAt: Date
  updatedAt: Date
}

/**
 * Webhooks of agents. Methods throw BellwireError `agent_not_found` and `webhook_not_found` for unknown ids; a webhook
 * is found only under its own agent.
 */
export type Webhooks = {
  create(agentId: string, settings: WebhookSettings): Promise<Webhook>
  /** The agent's default webhook, created on first use: the same for all callers, however many call at once. */
  default(agentId: string): Promise<Webhook>
  get(agentId: string, id: string): Promise<Webhook>
  /** Newest first; `after` is the id of a webhook. */
  list(agentId: string, page: PageRequest): Promise<Page<Webhook>>
  update(agentId: string, id: string, patch: WebhookPatch): Promise<Webhook>
  delete(agentId: string, id: string): Promise<void>
  /**
   * Gives the webhook a new token. Previous ones keep working for `graceSeconds`, or for the rest of an earlier,
   * shorter grace period.
   */
  rotate(agentId: string, id: string, options: { graceSeconds: number }): Promise<Webhook>
  /** What a trigger needs to know: the webhook of a token; undefined when there is none, or it has expired. */
  findByTokenHash(hash: Buffer): Promise<WebhookTarget | undefined>
}

export type WebhookTarget = { webhookId: string; agentId: string; enabled: boolean }

type Row = Omit<Webhook, 'token'>

type SealedRow = Row & { ciphertext: Buffer }

const COLUMNS = `w.id, w.agent_id as "agentId", w.name, w.enabled, w.is_default as "isDefault",
  w.created_at as "createdAt", w.updated_at as "updatedAt"`

/** Webhooks with their current tokens. */
const SELECT = `select ${COLUMNS}, t.ciphertext from bellwire.webhooks w
  join bellwire.webhook_tokens t on t.webhook_id = w.id and t.expires_at is null`

export function createWebhooks({ db, vault }: { db: Database; vault: Vault }): Webhooks {
  async function insert(
    tx: pg.PoolClient,
    agentId: string,
    { name, enabled, isDefault }: WebhookSettings & { isDefault: boolean },
  ): Promise<Webhook> {
    const made = await tx.query<Row>(
      `insert into bellwire.webhooks as w (id, agent_id, name, enabled, is_default) values ($1, $2, $3, $4, $5)
        returning ${COLUMNS}`,
      [newId(), agentId, name, enabled, isDefault],
    )
    const row = onlyRow(made)
    return { ...row, token: insertToken(tx, row.id) }
  }

  /** Creates a token; its row is sent in the same round trip as the commit. */
  function insertToken(tx: pg.PoolClient, webhookId: string): string {
    const token = newToken()
    const row = tx.query(
      'insert into bellwire.webhook_tokens (hash, webhook_id, ciphertext) values ($1, $2, $3)',
      [hashToken(token), webhookId, vault.encrypt(token, context(webhookId))],
    )
    pipeline(tx, row)
    return token
  }

  async function find(source: Queryable, agentId: string, id: string): Promise<Webhook> {
    const { rows } = isId(id)
      ? await source.query<SealedRow>(`${SELECT} where w.id = $1 and w.agent_id = $2`, [id, agentId])
      : { rows: [] }
    if (!rows[0]) throw new BellwireError('webhook_not_found', 'This agent has no webhook with this id.')
    return opened(rows[0])
  }

  async function findDefault(source: Queryable, agentId: string): Promise<Webhook | undefined> {
    const { rows } = await source.query<SealedRow>(`${SELECT} where w.agent_id = $1 and w.is_default`, [
      agentId,
    ])
    return rows[0] && opened(rows[0])
  }

  function opened({ ciphertext, ...row }: SealedRow): Webhook {
    return { ...row, token: vault.decrypt(ciphertext, context(row.id)) }
  }

  /** Runs `work` on one webhook of an existing agent, while nothing else can change either. */
  function change<T>(agentId: string, id: string, work: (tx: pg.PoolClient, webhook: Webhook) => Promise<T>) {
    return db.transaction(async (tx) => {
      await lockAgent(tx, agentId)
      return work(tx, await find(tx, agentId, id))
    })
  }

  return {
    create: (agentId, settings) =>
      db.transaction(async (tx) => {
        await lockAgent(tx, agentId)
        return insert(tx, agentId, { ...settings, isDefault: false })
      }),

    async default(agentId) {
      await findAgent(db.pool, agentId)
      const webhook = await findDefault(db.pool, agentId)
      if (webhook) return webhook
      return db.transaction(async (tx) => {
        await lockAgent(tx, agentId)
        const made = await findDefault(tx, agentId)
        return made ?? insert(tx, agentId, { name: 'Default', enabled: true, isDefault: true })
      })
    },

    async get(agentId, id) {
      await findAgent(db.pool, agentId)
      return find(db.pool, agentId, id)
    },

    async list(agentId, { limit, after }) {
      await findAgent(db.pool, agentId)
      const { rows } = await db.pool.query<SealedRow>(
        `${SELECT} where w.agent_id = $1 and ($2::uuid is null or w.id < $2) order by w.id desc limit $3`,
        [agentId, after ?? null, limit + 1],
      )
      return toPage(rows, { limit, name: (row) => row.id, show: opened })
    },

    update: (agentId, id, patch) =>
      change(agentId, id, async (tx, { token }) => {
        const changed = await tx.query<Row>(
          `update bellwire.webhooks w
            set name = coalesce($2, name), enabled = coalesce($3, enabled), updated_at = now()
            where id = $1 returning ${COLUMNS}`,
          [id, patch.name ?? null, patch.enabled ?? null],
        )
        return { ...onlyRow(changed), token }
      }),

    delete: (agentId, id) =>
      change(agentId, id, async (tx) => {
        pipeline(tx, tx.query('delete from bellwire.webhooks where id = $1', [id]))
      }),

    rotate: (agentId, id, { graceSeconds }) =>
      change(agentId, id, async (tx, webhook) => {
        await tx.query('delete from bellwire.webhook_tokens where webhook_id = $1 and expires_at <= now()', [
          id,
        ])
        // least() ignores null, the expiry of the token that is current until now.
        await tx.query(
          `update bellwire.webhook_tokens set expires_at = least(expires_at, now() + make_interval(secs => $2))
            where webhook_id = $1`,
          [id, graceSeconds],
        )
        return { ...webhook, token: insertToken(tx, id) }
      }),

    async findByTokenHash(hash) {
      const { rows } = await db.pool.query<WebhookTarget>({
        name: 'webhook_by_token',
        text: `select w.id as "webhookId", w.agent_id as "agentId", w.enabled
          from bellwire.webhook_tokens t
          join bellwire.webhooks w on w.id = t.webhook_id
          join bellwire.agents a on a.id = w.agent_id
          where t.hash = $1 and (t.expires_at is null or t.expires_at > now()) and a.deleted_at is null`,
        values: [hash],
      })
      return rows[0]
    },
  }
}

/** The context that a token's ciphertext is bound to. */
function context(webhookId: string): string {
  return `webhook:${webhookId}`
}
