import { findAgent, lockAgent } from '../agents/agentRow.ts'
import type { CallbackEvent, CallbackSettings } from '../contract/callback.ts'
import type { Announcements } from '../db/announcements.ts'
import type { Database, Queryable } from '../db/database.ts'
import { isId } from '../db/id.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { readNow } from '../db/readNow.ts'
import { BellwireError } from '../errors.ts'
import type { Vault } from '../secrets/vault.ts'
import { newSigningSecret } from './signature.ts'

/** Where the outcome of a webhook's tasks is sent. */
export type Callback = {
  webhookId: string
  url: string | null
  events: CallbackEvent[]
  content: 'full' | 'thin'
  hosts: string[]
  disabledAt: Date | null
  updatedAt: Date
}

/** A secret and until when deliveries are signed with it; null for the newest. Milliseconds since 1970. */
type KeptSecret = { secret: string; until: number | null }

type WebhookRef = { agentId: string; webhookId: string }

/**
 * The callbacks of webhooks. Methods throw BellwireError `agent_not_found`, `webhook_not_found` and
 * `callback_not_found`.
 */
export type Callbacks = {
  /** The same as `set` and `delete`, in the transaction that writes the webhook. */
  within: {
    set(tx: Queryable, webhookId: string, settings: CallbackSettings): Promise<Callback & { secret?: string }>
    /** False when there was none. */
    delete(tx: Queryable, webhookId: string): Promise<boolean>
  }
  /**
   * Sets the callback; one that its receiver had switched off counts again. Without a secret the present one stays, or
   * one is made.
   *
   * @returns `secret`: one that was made just now
   */
  set(webhook: WebhookRef, settings: CallbackSettings): Promise<Callback & { secret?: string }>
  get(webhook: WebhookRef): Promise<Callback>
  delete(webhook: WebhookRef): Promise<void>
  /** Gives it another secret. Deliveries are signed with both until the grace period has ended. */
  rotate(
    webhook: WebhookRef,
    options: { secret?: string | undefined; graceSeconds: number },
  ): Promise<Callback & { secret?: string }>
  /** The secrets that count now, the newest first; undefined when the webhook has no callback any more. */
  readTarget(
    webhookId: string,
  ): Promise<{ url: string | null; secrets: string[]; isDisabled: boolean } | undefined>
}

const COLUMNS = `c.webhook_id as "webhookId", c.url, c.events, c.content, c.hosts, c.disabled_at as "disabledAt",
  c.updated_at as "updatedAt"`

/** Secrets that are kept while they are rotated one after the other. */
const MAX_SECRETS = 5

export function createCallbacks({
  db,
  vault,
  changes,
}: {
  db: Database
  vault: Vault
  /** Where changes are announced: whoever remembers webhooks forgets them. */
  changes?: Pick<Announcements, 'announce'>
}): Callbacks {
  async function announced<T>(work: Promise<T>): Promise<T> {
    const result = await work
    changes?.announce()
    return result
  }

  const seal = (webhookId: string, secrets: KeptSecret[]): Buffer =>
    vault.encrypt(JSON.stringify(secrets), context(webhookId))
  const open = (webhookId: string, sealed: Buffer): KeptSecret[] =>
    JSON.parse(vault.decrypt(sealed, context(webhookId)))

  async function find(source: Queryable, { agentId, webhookId }: WebhookRef) {
    const { rows } = await source.query<Callback & { sealed: Buffer | null; hasCallback: boolean }>(
      `select ${COLUMNS}, c.secrets as sealed, c.webhook_id is not null as "hasCallback"
        from bellwire.webhooks w left join bellwire.callbacks c on c.webhook_id = w.id
        where w.id = $1 and w.agent_id = $2`,
      [isId(webhookId) ? webhookId : null, agentId],
    )
    if (!rows[0]) throw new BellwireError('webhook_not_found', 'This agent has no webhook with this id.')
    const { hasCallback, sealed, ...callback } = rows[0]
    return hasCallback && sealed ? { callback, sealed } : undefined
  }

  async function findExisting(source: Queryable, webhook: WebhookRef) {
    const found = await find(source, webhook)
    if (!found) throw new BellwireError('callback_not_found')
    return found
  }

  async function readTarget(webhookId: string) {
    const { rows } = await db.pool.query<{
      url: string | null
      sealed: Buffer
      isDisabled: boolean
      now: Date
    }>({
      name: 'callback_target',
      text: `select url, secrets as sealed, disabled_at is not null as "isDisabled", now()
        from bellwire.callbacks where webhook_id = $1`,
      values: [webhookId],
    })
    if (!rows[0]) return undefined
    const { url, sealed, isDisabled, now } = rows[0]
    const secrets = open(webhookId, sealed).filter(({ until }) => until === null || until > now.getTime())
    return { url, isDisabled, secrets: secrets.map(({ secret }) => secret) }
  }

  /** Whoever has compiled the webhook compiles it anew. */
  async function changeVersion(tx: Queryable, webhookId: string): Promise<void> {
    await tx.query('update bellwire.webhooks set version = version + 1 where id = $1', [webhookId])
  }

  const within: Callbacks['within'] = {
    async set(tx, webhookId, { url, secret, events, content, hosts }) {
      const { rows } = await tx.query<{ sealed: Buffer }>(
        'select secrets as sealed from bellwire.callbacks where webhook_id = $1 for update',
        [webhookId],
      )
      const [before] = rows
      const made = before || secret !== undefined ? undefined : newSigningSecret()
      const kept: KeptSecret[] =
        secret === undefined && before
          ? open(webhookId, before.sealed)
          : [{ secret: secret ?? made ?? '', until: null }]
      const row = await tx.query<Callback>(
        `insert into bellwire.callbacks as c (webhook_id, url, events, content, hosts, secrets)
          values ($1, $2, $3, $4, $5, $6)
          on conflict (webhook_id) do update set url = excluded.url, events = excluded.events,
            content = excluded.content, hosts = excluded.hosts, secrets = excluded.secrets, disabled_at = null,
            updated_at = now()
          returning ${COLUMNS}`,
        [webhookId, url, JSON.stringify(events), content, JSON.stringify(hosts), seal(webhookId, kept)],
      )
      await changeVersion(tx, webhookId)
      return { ...onlyRow(row), ...(made === undefined ? {} : { secret: made }) }
    },

    async delete(tx, webhookId) {
      const { rowCount } = await tx.query('delete from bellwire.callbacks where webhook_id = $1', [webhookId])
      if (rowCount === 0) return false
      await changeVersion(tx, webhookId)
      return true
    },
  }

  return {
    within,
    readTarget,

    set: (webhook, settings) =>
      announced(
        db.transaction(async (tx) => {
          await lockAgent(tx, webhook.agentId)
          await find(tx, webhook)
          return within.set(tx, webhook.webhookId, settings)
        }),
      ),

    async get(webhook) {
      await findAgent(db.pool, webhook.agentId)
      return (await findExisting(db.pool, webhook)).callback
    },

    delete: (webhook) =>
      announced(
        db.transaction(async (tx) => {
          await lockAgent(tx, webhook.agentId)
          await find(tx, webhook)
          if (!(await within.delete(tx, webhook.webhookId))) throw new BellwireError('callback_not_found')
        }),
      ),

    rotate: (webhook, { secret, graceSeconds }) =>
      db.transaction(async (tx) => {
        await lockAgent(tx, webhook.agentId)
        const { sealed } = await findExisting(tx, webhook)
        const now = await readNow(tx)
        const made = secret === undefined ? newSigningSecret() : undefined
        const end = now.getTime() + graceSeconds * 1000
        const old = open(webhook.webhookId, sealed)
          .map((one) => ({ ...one, until: Math.min(one.until ?? end, end) }))
          .filter(({ until }) => until > now.getTime())
        const kept = [{ secret: made ?? secret ?? '', until: null }, ...old].slice(0, MAX_SECRETS)
        const row = await tx.query<Callback>(
          `update bellwire.callbacks c set secrets = $2, updated_at = now() where webhook_id = $1 returning ${COLUMNS}`,
          [webhook.webhookId, seal(webhook.webhookId, kept)],
        )
        return { ...onlyRow(row), ...(made === undefined ? {} : { secret: made }) }
      }),
  }
}

/** What the ciphertext of the secrets is bound to. */
function context(webhookId: string): string {
  return `callback:${webhookId}`
}
