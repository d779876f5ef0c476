import type pg from 'pg'
import type { CallbackSettings, TaskCallback, WebhookCallback } from '../contract/callback.ts'
import { etagOf, requireMatch, type IfMatch } from '../contract/ifMatch.ts'
import { MAX_SECRETS, WebhookSettings, type WebhookPatch } from '../contract/webhook.ts'
import { fromStoredOptions, WebhookOptions, type WebhookOptionsPatch } from '../contract/webhookOptions.ts'
import { createAnnouncements, type Announcements } from '../db/announcements.ts'
import { pipeline, type Database, type Queryable } from '../db/database.ts'
import { isId, newId } from '../db/id.ts'
import { jsonTime } from '../db/jsonTime.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { BellwireError, type FieldError } from '../errors.ts'
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
  options: WebhookOptions
  /** What requests are verified with. Never shown. */
  secrets: string[]
  secretsUpdatedAt: Date | null
  /** With its secret only when that was made just now. */
  callback: WebhookCallback | null
  /** Grows with each change. */
  version: number
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
  /** What a trigger needs to know: the webhook of a token; undefined when there is none, or it has expired. */
  findByTokenHash(hash: Buffer): Promise<WebhookTarget | undefined>
}

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

/** Where the outcome of its tasks is sent: see src/delivery. */
export type TargetCallback = TaskCallback & { hosts: string[] }

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

type Row = Omit<Webhook, 'token' | 'secrets'> & { sealedSecrets: Buffer | null }

type SealedRow = Row & { ciphertext: Buffer }

const COLUMNS = `w.id, w.agent_id as "agentId", w.name, w.enabled, w.is_default as "isDefault", w.options,
  w.secrets as "sealedSecrets", w.secrets_updated_at as "secretsUpdatedAt", w.version, w.created_at as "createdAt", w.updated_at as "updatedAt",
  (select json_build_object('url', c.url, 'events', c.events, 'content', c.content, 'hosts', c.hosts,
      'disabled_at', ${jsonTime('c.disabled_at')}, 'updated_at', ${jsonTime('c.updated_at')})
    from bellwire.callbacks c where c.webhook_id = w.id) as callback`

/** Webhooks with their current tokens. */
const SELECT = `select ${COLUMNS}, t.ciphertext from bellwire.webhooks w
  join bellwire.webhook_tokens t on t.webhook_id = w.id and t.expires_at is null`

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
  async function insert(
    tx: pg.PoolClient,
    agentId: string,
    { isDefault, ...settings }: WebhookSettings & { isDefault: boolean },
  ): Promise<Webhook> {
    const { name, enabled, secrets, callback, ...options } = settings
    const id = newId()
    const made = await tx.query<Row>(
      `insert into bellwire.webhooks as w
          (id, agent_id, name, enabled, is_default, options, secrets, secrets_updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, case when $7::bytea is not null then now() end)
        returning ${COLUMNS}`,
      [id, agentId, name, enabled, isDefault, JSON.stringify(options), sealSecrets(id, secrets)],
    )
    const webhook = callback ? await withCallback(tx, opened(onlyRow(made)), callback) : opened(onlyRow(made))
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
      await tx.query<Row>(`select ${COLUMNS} from bellwire.webhooks w where w.id = $1`, [id]),
    )
    const webhook = opened(row)
    if (secret === undefined || !webhook.callback) return webhook
    return { ...webhook, callback: { ...webhook.callback, secret } }
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
    return withToken(rows[0])
  }

  async function findDefault(source: Queryable, agentId: string): Promise<Webhook | undefined> {
    const { rows } = await source.query<SealedRow>(`${SELECT} where w.agent_id = $1 and w.is_default`, [
      agentId,
    ])
    return rows[0] && withToken(rows[0])
  }

  function withToken({ ciphertext, ...row }: SealedRow): Webhook {
    return { ...opened(row), token: vault.decrypt(ciphertext, context(row.id)) }
  }

  function opened({ sealedSecrets, ...row }: Row): Omit<Webhook, 'token'> {
    return { ...row, options: fromStoredOptions(row.options), secrets: openSecrets(row.id, sealedSecrets) }
  }

  function sealSecrets(id: string, secrets: string[]): Buffer | null {
    return secrets.length === 0 ? null : vault.encrypt(JSON.stringify(secrets), secretsContext(id))
  }

  function openSecrets(id: string, sealed: Buffer | null): string[] {
    return sealed === null ? [] : JSON.parse(vault.decrypt(sealed, secretsContext(id)))
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
      const sealed = secrets && sealSecrets(id, secrets)
      const row = await tx.query<Row>(
        `update bellwire.webhooks w
          set name = coalesce($2, name), enabled = coalesce($3, enabled), options = $4,
            secrets = case when $5 then $6 else secrets end,
            secrets_updated_at = case when $5 then now() else secrets_updated_at end,
            version = version + 1, updated_at = now()
          where id = $1 returning ${COLUMNS}`,
        [id, name ?? null, enabled ?? null, JSON.stringify(options), secrets !== undefined, sealed ?? null],
      )
      const webhook = opened(onlyRow(row))
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
      const { rows } = await db.pool.query<SealedRow>(
        `${SELECT} where w.agent_id = $1 and ($2::uuid is null or w.id < $2) order by w.id desc limit $3`,
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

    async findByTokenHash(hash) {
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
    },
  }
}

/** The options after a change: null unsets what is optional. */
function patchOptions(options: WebhookOptions, patch: WebhookOptionsPatch): WebhookOptions {
  const merged = Object.entries({ ...options, ...patch }).filter(([, value]) => value != null)
  return WebhookOptions.parse(Object.fromEntries(merged))
}

/**
 * The secrets after a change, the newest first; undefined when it does not concern them.
 *
 * @throws BellwireError `schema_invalid`
 */
function patchSecrets(
  stored: string[],
  { given, keep }: { given: string[] | undefined; keep: number | undefined },
): string[] | undefined {
  if (given === undefined && keep === undefined) return undefined
  const secrets = [...new Set([...(given ?? []), ...stored.slice(0, keep ?? 0)])]
  if (secrets.length <= MAX_SECRETS) return secrets
  const detail = `a webhook has at most ${MAX_SECRETS} secrets; keep fewer of the stored ones`
  throw new BellwireError('schema_invalid', undefined, { errors: [{ pointer: '/keep_secrets', detail }] })
}

/** What a token's ciphertext is bound to. */
function context(webhookId: string): string {
  return `webhook:${webhookId}`
}

/** What the ciphertext of its secrets is bound to. */
function secretsContext(webhookId: string): string {
  return `webhook-secrets:${webhookId}`
}
