import { and, desc, eq, isNull, lt, lte, sql, type SQL } from 'drizzle-orm'
import type { WebhookPatch, WebhookSettings } from '../contract/webhook.ts'
import type { Database } from '../db/database.ts'
import { webhooks, webhookTokens } from '../db/schema.ts'
import { BellwireError } from '../errors.ts'
import { isId, newId } from '../db/id.ts'
import { findAgent, lockAgent, type Source, type Transaction } from './agentRow.ts'
import { toPage, type Page, type PageRequest } from './page.ts'
import type { Vault } from './vault.ts'
import { hashWebhookToken, newWebhookToken } from './webhookToken.ts'

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
 * The entrances to agents. Methods throw BellwireError `agent_not_found` and `webhook_not_found` for ids that
 * stand for nothing; a webhook is found under its own agent only.
 */
export type Webhooks = {
  create(agentId: string, settings: WebhookSettings): Promise<Webhook>
  /** The agent's default webhook, made on first use: the same for all who ask, however many ask at once. */
  default(agentId: string): Promise<Webhook>
  get(agentId: string, id: string): Promise<Webhook>
  /** Newest first; `after` is the id of a webhook. */
  list(agentId: string, page: PageRequest): Promise<Page<Webhook>>
  update(agentId: string, id: string, patch: WebhookPatch): Promise<Webhook>
  delete(agentId: string, id: string): Promise<void>
  /**
   * Gives the webhook a new token. Those before go on working for `graceSeconds`, or for what is left of an
   * earlier, shorter grace period.
   */
  rotate(agentId: string, id: string, options: { graceSeconds: number }): Promise<Webhook>
  /** What a trigger needs to know: which webhook a token opens; undefined when none, or no longer. */
  findByTokenHash(hash: Buffer): Promise<WebhookTarget | undefined>
}

export type WebhookTarget = { webhookId: string; agentId: string; enabled: boolean }

type Row = typeof webhooks.$inferSelect

export function createWebhooks({ db, vault }: { db: Database; vault: Vault }): Webhooks {
  const currentToken = and(eq(webhookTokens.webhookId, webhooks.id), isNull(webhookTokens.expiresAt))

  async function insert(
    tx: Transaction,
    agentId: string,
    settings: WebhookSettings & { isDefault: boolean },
  ) {
    const [row] = await tx
      .insert(webhooks)
      .values({ id: newId(), agentId, ...settings })
      .returning()
    if (!row) throw new Error('an insert returns its row')
    return withToken(row, await insertToken(tx, row.id))
  }

  async function insertToken(tx: Transaction, webhookId: string): Promise<string> {
    const token = newWebhookToken()
    const ciphertext = vault.encrypt(token, context(webhookId))
    await tx.insert(webhookTokens).values({ hash: hashWebhookToken(token), webhookId, ciphertext })
    return token
  }

  /** Webhooks with their tokens, newest first. */
  function select(source: Source, condition: SQL | undefined) {
    return source
      .select({ webhook: webhooks, ciphertext: webhookTokens.ciphertext })
      .from(webhooks)
      .innerJoin(webhookTokens, currentToken)
      .where(condition)
      .orderBy(desc(webhooks.id))
  }

  async function find(source: Source, agentId: string, id: string): Promise<Webhook> {
    const [row] = isId(id)
      ? await select(source, and(eq(webhooks.id, id), eq(webhooks.agentId, agentId)))
      : []
    if (!row) throw new BellwireError('webhook_not_found', 'This agent has no webhook with this id.')
    return opened(row)
  }

  async function findDefault(source: Source, agentId: string): Promise<Webhook | undefined> {
    const [row] = await select(source, and(eq(webhooks.agentId, agentId), webhooks.isDefault))
    return row && opened(row)
  }

  function opened({ webhook, ciphertext }: { webhook: Row; ciphertext: Buffer }): Webhook {
    return withToken(webhook, vault.decrypt(ciphertext, context(webhook.id)))
  }

  /** Runs `work` on one webhook of an agent that stands, while nobody else changes either. */
  function change<T>(agentId: string, id: string, work: (tx: Transaction, webhook: Webhook) => Promise<T>) {
    return db.orm.transaction(async (tx) => {
      await lockAgent(tx, agentId)
      return work(tx, await find(tx, agentId, id))
    })
  }

  return {
    create: (agentId, settings) =>
      db.orm.transaction(async (tx) => {
        await lockAgent(tx, agentId)
        return insert(tx, agentId, { ...settings, isDefault: false })
      }),

    async default(agentId) {
      await findAgent(db.orm, agentId)
      const webhook = await findDefault(db.orm, agentId)
      if (webhook) return webhook
      return db.orm.transaction(async (tx) => {
        await lockAgent(tx, agentId)
        const made = await findDefault(tx, agentId)
        return made ?? insert(tx, agentId, { name: 'Default', enabled: true, isDefault: true })
      })
    },

    async get(agentId, id) {
      await findAgent(db.orm, agentId)
      return find(db.orm, agentId, id)
    },

    async list(agentId, { limit, after }) {
      await findAgent(db.orm, agentId)
      const page = and(
        eq(webhooks.agentId, agentId),
        after === undefined ? undefined : lt(webhooks.id, after),
      )
      const rows = await select(db.orm, page).limit(limit + 1)
      return toPage(rows, { limit, name: (row) => row.webhook.id, show: opened })
    },

    update: (agentId, id, patch) =>
      change(agentId, id, async (tx, { token }) => {
        const [row] = await tx
          .update(webhooks)
          .set({ ...patch, updatedAt: sql`now()` })
          .where(eq(webhooks.id, id))
          .returning()
        if (!row) throw new Error('the row of a webhook stays while its agent is locked')
        return withToken(row, token)
      }),

    delete: (agentId, id) =>
      change(agentId, id, async (tx) => {
        await tx.delete(webhooks).where(eq(webhooks.id, id))
      }),

    rotate: (agentId, id, { graceSeconds }) =>
      change(agentId, id, async (tx, webhook) => {
        const mine = eq(webhookTokens.webhookId, id)
        await tx.delete(webhookTokens).where(and(mine, lte(webhookTokens.expiresAt, sql`now()`)))
        await tx
          .update(webhookTokens)
          // least() passes over null, the expiry of the token that is current until now.
          .set({ expiresAt: sql`least(expires_at, now() + make_interval(secs => ${graceSeconds}))` })
          .where(mine)
        return { ...webhook, token: await insertToken(tx, id) }
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

/** What a token's ciphertext is bound to. */
function context(webhookId: string): string {
  return `webhook:${webhookId}`
}

function withToken(
  { id, agentId, name, enabled, isDefault, createdAt, updatedAt }: Row,
  token: string,
): Webhook {
  return { id, agentId, name, enabled, isDefault, token, createdAt, updatedAt }
}
