import { and, desc, eq, isNull, lt, or } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { agents, apiKeys } from '../db/schema.ts'
import { BellwireError } from '../errors.ts'
import { isId, newId } from '../db/id.ts'
import { FROM_ENVIRONMENT } from './ensureAdminKey.ts'
import { createKeyCache } from './keyCache.ts'
import { hashKey, keyHint, newKeyText } from './keyText.ts'
import type { Principal } from './principal.ts'

export type ApiKey = {
  id: string
  name: string
  scope: 'admin' | 'agent'
  agentId: string | null
  /** Its last four characters. */
  hint: string
  createdAt: Date
}

export type NewKey = { name: string } & ({ scope: 'admin' } | { scope: 'agent'; agentId: string })

export type Keys = {
  /**
   * The key itself is in the answer, this once.
   *
   * @throws BellwireError `agent_not_found`; `schema_invalid` for the name of the environment's key
   */
  create(key: NewKey): Promise<ApiKey & { key: string }>
  /** Newest first; `next` names the last key of the page when there are more. */
  list(page: { limit: number; after?: string | undefined }): Promise<{ items: ApiKey[]; next: string | null }>
  /**
   * The key stops working at once in this process, and within seconds in others.
   *
   * @throws BellwireError `api_key_not_found`; `conflict` for the last admin key
   */
  delete(id: string): Promise<void>
  /**
   * Who a key stands for; undefined when it is unknown, deleted, or bound to an agent that was deleted. The
   * answer is remembered for a few seconds.
   */
  verify(key: string): Promise<Principal | undefined>
}

/** How long a deleted key may go on working in other processes. */
const REMEMBER_MS = 5_000

export function createKeys({ db, now = Date.now }: { db: Database; now?: () => number }): Keys {
  const cache = createKeyCache<Principal>({ rememberMs: REMEMBER_MS, maxKeys: 10_000, now })
  const shown = {
    id: apiKeys.id,
    name: apiKeys.name,
    scope: apiKeys.scope,
    agentId: apiKeys.agentId,
    hint: apiKeys.hint,
    createdAt: apiKeys.createdAt,
  }

  async function find(hash: Buffer): Promise<Principal | undefined> {
    const [row] = await db.orm
      .select({ keyId: apiKeys.id, scope: apiKeys.scope, agentId: apiKeys.agentId })
      .from(apiKeys)
      .leftJoin(agents, eq(agents.id, apiKeys.agentId))
      .where(and(eq(apiKeys.hash, hash), or(isNull(apiKeys.agentId), isNull(agents.deletedAt))))
    if (!row) return undefined
    if (row.scope === 'admin') return { scope: 'admin', keyId: row.keyId }
    return row.agentId === null ? undefined : { scope: 'agent', keyId: row.keyId, agentId: row.agentId }
  }

  return {
    async create(wanted) {
      if (wanted.name === FROM_ENVIRONMENT) throw reservedName()
      const agentId = wanted.scope === 'agent' ? wanted.agentId : null
      if (agentId !== null && !(await stands(agentId))) throw new BellwireError('agent_not_found')
      const key = newKeyText(wanted.scope)
      const [row] = await db.orm
        .insert(apiKeys)
        .values({
          id: newId(),
          name: wanted.name,
          scope: wanted.scope,
          agentId,
          hash: hashKey(key),
          hint: keyHint(key),
        })
        .returning(shown)
      if (!row) throw new Error('an insert returns its row')
      return { ...row, key }
    },

    async list({ limit, after }) {
      const rows = await db.orm
        .select(shown)
        .from(apiKeys)
        .where(after === undefined ? undefined : lt(apiKeys.id, after))
        .orderBy(desc(apiKeys.id))
        .limit(limit + 1)
      const items = rows.slice(0, limit)
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
    },

    async delete(id) {
      if (!isId(id)) throw new BellwireError('api_key_not_found')
      await db.orm.transaction(async (tx) => {
        // All of them are locked: of two last keys that are deleted at once, one stays.
        const admins = await tx
          .select({ id: apiKeys.id })
          .from(apiKeys)
          .where(eq(apiKeys.scope, 'admin'))
          .orderBy(apiKeys.id)
          .for('update')
        if (admins.length === 1 && admins[0]?.id === id) {
          throw new BellwireError(
            'conflict',
            'This is the last admin key. Make another one before deleting it.',
          )
        }
        const gone = await tx.delete(apiKeys).where(eq(apiKeys.id, id)).returning({ id: apiKeys.id })
        if (gone.length === 0) throw new BellwireError('api_key_not_found')
      })
      cache.forget((principal) => principal.keyId === id)
    },

    async verify(key) {
      const hash = hashKey(key)
      return cache.get(hash.toString('base64url'), () => find(hash))
    },
  }

  async function stands(agentId: string): Promise<boolean> {
    if (!isId(agentId)) return false
    const rows = await db.orm
      .select({ id: agents.id })
      .from(agents)
      .where(and(eq(agents.id, agentId), isNull(agents.deletedAt)))
    return rows.length > 0
  }
}

function reservedName(): BellwireError {
  const detail = `"${FROM_ENVIRONMENT}" is the name of the key that BELLWIRE_ADMIN_KEY sets`
  return new BellwireError('schema_invalid', 'Choose another name.', {
    errors: [{ pointer: '/name', detail }],
  })
}
