import type { Role } from '../contract/role.ts'
import type { Database } from '../db/database.ts'
import { BellwireError } from '../errors.ts'
import { isId, newId } from '../db/id.ts'
import { createLookupCache } from '../db/lookupCache.ts'
import { hashToken } from '../db/token.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'
import { FROM_ENVIRONMENT } from './ensureAdminKey.ts'
import { keyHint, newKeyText } from './keyText.ts'
import type { Principal } from './principal.ts'
import { createRevocations, type Revocations } from './revocations.ts'

export type ApiKey = {
  id: string
  name: string
  scope: 'admin' | 'agent'
  /** What an admin key may do; null for the key of an agent. */
  role: Role | null
  agentId: string | null
  /** Its last four characters. */
  hint: string
  createdAt: Date
}

export type NewKey = { name: string } & (
  { scope: 'admin'; role?: Role } | { scope: 'agent'; agentId: string }
)

export type Keys = {
  /**
   * The key itself is returned only here.
   *
   * @throws BellwireError `agent_not_found`; `schema_invalid` for the name of the environment's key
   */
  create(key: NewKey): Promise<ApiKey & { key: string }>
  /** @throws BellwireError `api_key_not_found` */
  get(id: string): Promise<ApiKey>
  /** Newest first; `next` is the last key of the page when there are more. */
  list(page: PageRequest): Promise<Page<ApiKey>>
  /**
   * The key and the sessions that it opened stop working at once in this process, and within a second in others.
   *
   * @throws BellwireError `api_key_not_found`; `conflict` for the last admin key of an owner
   */
  delete(id: string): Promise<void>
  /**
   * The principal of a key; undefined when it is unknown, deleted, or bound to a deleted agent. The result is cached
   * for a few seconds.
   */
  verify(key: string): Promise<Principal | undefined>
}

/** How long a deleted key may keep working in processes that receive no notification. */
const REMEMBER_MS = 5_000

const SHOWN = `id, name, scope, case when scope = 'admin' then coalesce(role, 'owner') end as role,
  agent_id as "agentId", hint, created_at as "createdAt"`

export function createKeys({
  db,
  revocations = createRevocations(),
  now,
}: {
  db: Database
  revocations?: Revocations
  now?: () => number
}): Keys {
  const cache = createLookupCache<Principal>({
    lookUp: (hash) => find(Buffer.from(hash, 'latin1')),
    ttlMs: REMEMBER_MS,
    maxEntries: 10_000,
    ...(now ? { now } : {}),
  })
  revocations.listen(cache.clear)

  async function find(hash: Buffer): Promise<Principal | undefined> {
    const { rows } = await db.pool.query<Pick<ApiKey, 'id' | 'name' | 'scope' | 'role' | 'agentId'>>({
      name: 'key_by_hash',
      text: `select k.id, k.name, k.scope, k.role, k.agent_id as "agentId" from bellwire.api_keys k
        left join bellwire.agents a on a.id = k.agent_id
        where k.hash = $1 and a.deleted_at is null`,
      values: [hash],
    })
    const [row] = rows
    if (!row) return undefined
    if (row.scope === 'admin') {
      return { scope: 'admin', role: row.role ?? 'owner', name: row.name, keyId: row.id }
    }
    return row.agentId === null ? undefined : { scope: 'agent', keyId: row.id, agentId: row.agentId }
  }

  return {
    async create(wanted) {
      if (wanted.name === FROM_ENVIRONMENT) throw reservedName()
      const agentId = wanted.scope === 'agent' ? wanted.agentId : null
      const role = wanted.scope === 'admin' ? (wanted.role ?? 'owner') : null
      if (agentId !== null && !(await stands(agentId))) throw new BellwireError('agent_not_found')
      const key = newKeyText(wanted.scope)
      const made = await db.pool.query<ApiKey>(
        `insert into bellwire.api_keys (id, name, scope, role, agent_id, hash, hint)
          values ($1, $2, $3, $4, $5, $6, $7) returning ${SHOWN}`,
        [newId(), wanted.name, wanted.scope, role, agentId, hashToken(key), keyHint(key)],
      )
      return { ...onlyRow(made), key }
    },

    async get(id) {
      const { rows } = isId(id)
        ? await db.pool.query<ApiKey>(`select ${SHOWN} from bellwire.api_keys where id = $1`, [id])
        : { rows: [] }
      if (!rows[0]) throw new BellwireError('api_key_not_found')
      return rows[0]
    },

    async list({ limit, after }) {
      const { rows } = await db.pool.query<ApiKey>(
        `select ${SHOWN} from bellwire.api_keys where $1::uuid is null or id < $1 order by id desc limit $2`,
        [after ?? null, limit + 1],
      )
      return toPage(rows, { limit, name: (row) => row.id, show: (row) => row })
    },

    async delete(id) {
      if (!isId(id)) throw new BellwireError('api_key_not_found')
      await db.transaction(async (tx) => {
        // All are locked: when the last two keys are deleted at once, one remains.
        const { rows: admins } = await tx.query<{ id: string }>(
          `select id from bellwire.api_keys where scope = 'admin' and coalesce(role, 'owner') = 'owner'
            order by id for update`,
        )
        if (admins.length === 1 && admins[0]?.id === id) {
          throw new BellwireError(
            'conflict',
            'This is the last admin key with the role owner. Create another one before deleting it.',
          )
        }
        const { rowCount } = await tx.query('delete from bellwire.api_keys where id = $1', [id])
        if (rowCount === 0) throw new BellwireError('api_key_not_found')
      })
      revocations.announce()
    },

    verify: (key) => cache.get(hashToken(key).toString('latin1')),
  }

  async function stands(agentId: string): Promise<boolean> {
    if (!isId(agentId)) return false
    const { rowCount } = await db.pool.query(
      'select from bellwire.agents where id = $1 and deleted_at is null',
      [agentId],
    )
    return rowCount === 1
  }
}

function reservedName(): BellwireError {
  const detail = `"${FROM_ENVIRONMENT}" is the name of the key that BELLWIRE_ADMIN_KEY sets`
  return new BellwireError('schema_invalid', 'Choose another name.', {
    errors: [{ pointer: '/name', detail }],
  })
}
