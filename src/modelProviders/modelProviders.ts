import { etagOf, requireMatch, type IfMatch } from '../contract/ifMatch.ts'
import { ProviderName, type ProviderInput } from '../contract/provider.ts'
import { createAnnouncements, type Announcements } from '../db/announcements.ts'
import type { Database, Queryable } from '../db/database.ts'
import { createLookupCache } from '../db/lookupCache.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { BellwireError } from '../errors.ts'
import { variablesOf, type ProviderSettings } from '../models/providerSettings.ts'
import type { Vault } from '../secrets/vault.ts'
import { mergeProvider } from './mergeProvider.ts'
import { openSecrets, PROVIDER_COLUMNS, sealSecrets, settingsOf, type ProviderRow } from './providerRow.ts'
import { readProviderUse, type ProviderUser } from './providerUse.ts'

/** A provider without its secrets. `version` is null for one of the environment. */
export type StoredProvider = {
  settings: Omit<ProviderSettings, 'apiKey' | 'headers'>
  hasKey: boolean
  keyUpdatedAt: Date | null
  headers: string[]
  version: string | null
  createdAt: Date | null
  updatedAt: Date | null
  usedBy: ProviderUser[]
}

/** The model providers: those of the environment, and those that were saved at run time. */
export type ModelProviders = {
  /** All of them, as calls are made with them. Changes by other processes are seen within two seconds. */
  read(options?: { afresh?: boolean }): Promise<readonly ProviderSettings[]>
  /** By name. */
  list(): Promise<StoredProvider[]>
  /** @throws BellwireError `provider_not_found` */
  get(name: string): Promise<StoredProvider>
  /**
   * Creates or replaces a provider.
   *
   * @returns `created`: whether it is new
   * @throws BellwireError `schema_invalid`, `provider_read_only`, `precondition_failed`
   */
  put(
    name: string,
    input: ProviderInput,
    condition?: { ifMatch?: IfMatch; ifNew?: boolean },
  ): Promise<{ provider: StoredProvider; created: boolean }>
  /**
   * @param options.inUse deletes it also when agents use it
   * @throws BellwireError `provider_not_found`, `provider_read_only`, `provider_in_use`, `precondition_failed`
   */
  delete(name: string, options?: { inUse?: boolean; ifMatch?: IfMatch }): Promise<void>
  /**
   * The settings that `put` would save, with the secrets that are saved; the saved ones without `input`.
   *
   * @throws BellwireError `provider_not_found`, `schema_invalid`
   */
  draft(name: string, input: ProviderInput | undefined): Promise<ProviderSettings>
}

/** How long a read is considered current. Usually an announcement comes sooner. */
const FRESH_MS = 2_000

/** More than anybody needs. */
const MAX_PROVIDERS = 100

export function createModelProviders({
  db,
  vault,
  environment,
  checkUrl,
  changes = createAnnouncements(),
}: {
  db: Database
  vault: Vault
  /** Those of the environment: they take precedence over saved ones with the same name. */
  environment: readonly ProviderSettings[]
  /** Why a base URL may not be used; undefined when it may. */
  checkUrl: (url: string) => string | undefined
  changes?: Announcements
}): ModelProviders {
  const current = createLookupCache<readonly ProviderSettings[]>({
    lookUp: async () => merge(await readRows(db.pool)),
    ttlMs: FRESH_MS,
    maxEntries: 1,
  })
  changes.listen(() => current.clear())

  function merge(rows: ProviderRow[]): ProviderSettings[] {
    const saved = rows.filter(({ name }) => !isOfEnvironment(name))
    return [...environment, ...saved.map((row) => settingsOf(row, openSecrets(vault, row)))]
  }

  function isOfEnvironment(name: string): boolean {
    return environment.some((one) => one.name === name)
  }

  function refuseReadOnly(name: string): void {
    if (!isOfEnvironment(name)) return
    const variables = variablesOf(name)
    throw new BellwireError('provider_read_only', undefined, { extensions: { variables } })
  }

  function showRow(row: ProviderRow, usedBy: ProviderUser[]): StoredProvider {
    const { apiKey: _key, headers: _headers, ...settings } = settingsOf(row, { headers: {} })
    const { apiKey, headers } = openSecrets(vault, row)
    const { keyUpdatedAt, version, createdAt, updatedAt } = row
    const names = Object.keys(headers)
    return {
      settings,
      hasKey: apiKey !== undefined,
      keyUpdatedAt,
      headers: names,
      version,
      createdAt,
      updatedAt,
      usedBy,
    }
  }

  function showEnvironment(
    { apiKey, headers = {}, ...settings }: ProviderSettings,
    usedBy: ProviderUser[],
  ): StoredProvider {
    const never = { keyUpdatedAt: null, version: null, createdAt: null, updatedAt: null }
    return { settings, hasKey: apiKey !== undefined, headers: Object.keys(headers), usedBy, ...never }
  }

  async function find(source: Queryable, name: string): Promise<ProviderRow | undefined> {
    if (!ProviderName.safeParse(name).success) return undefined
    const { rows } = await source.query<ProviderRow>(
      `select ${PROVIDER_COLUMNS} from bellwire.model_providers where name = $1`,
      [name],
    )
    return rows[0]
  }

  function prepare(name: string, input: ProviderInput, row: ProviderRow | undefined) {
    const saved = row && { kind: row.kind, baseUrl: row.baseUrl, secrets: openSecrets(vault, row) }
    const { provider, errors } = mergeProvider(name, input, { saved, checkUrl })
    if (errors.length > 0) throw new BellwireError('schema_invalid', undefined, { errors })
    return { ...provider, isNewKey: provider.secrets.apiKey !== saved?.secrets.apiKey }
  }

  /** One change after the other, also of providers that do not exist yet. */
  function change<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return db.transaction(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('bellwire model providers', 0))`)
      return work(tx)
    })
  }

  return {
    async read({ afresh = false } = {}) {
      if (afresh) current.clear()
      return (await current.get('all')) ?? environment
    },

    async list() {
      const [rows, use] = await Promise.all([readRows(db.pool), readProviderUse(db.pool)])
      const usersOf = (name: string): ProviderUser[] => use.get(name) ?? []
      return [
        ...environment.map((one) => showEnvironment(one, usersOf(one.name))),
        ...rows.filter(({ name }) => !isOfEnvironment(name)).map((row) => showRow(row, usersOf(row.name))),
      ].toSorted((a, b) => (a.settings.name < b.settings.name ? -1 : 1))
    },

    async get(name) {
      const given = environment.find((one) => one.name === name)
      const row = given ? undefined : await find(db.pool, name)
      if (!given && !row) throw new BellwireError('provider_not_found')
      const usedBy = (await readProviderUse(db.pool, name)).get(name) ?? []
      return row ? showRow(row, usedBy) : showEnvironment(given as ProviderSettings, usedBy)
    },

    async put(name, input, { ifMatch, ifNew = false } = {}) {
      refuseReadOnly(name)
      const written = await change(async (tx) => {
        const before = await find(tx, name)
        if (before) requireMatch(ifNew ? new Set() : ifMatch, etagOf(before.version))
        else if (ifMatch !== undefined) {
          throw new BellwireError(
            'precondition_failed',
            'The provider has been deleted. Leave If-Match out to create it.',
          )
        }
        const { kind, baseUrl, schemaWithTools, images, secrets, isNewKey } = prepare(name, input, before)
        if (!before) await refuseTooMany(tx)
        const sealed = sealSecrets(vault, name, secrets)
        const row = onlyRow(
          await tx.query<ProviderRow>(
            `insert into bellwire.model_providers
                (name, kind, base_url, schema_with_tools, images, sealed, key_updated_at)
              values ($1, $2, $3, $4, $5, $6, case when $7 then now() end)
              on conflict (name) do update set kind = excluded.kind, base_url = excluded.base_url,
                schema_with_tools = excluded.schema_with_tools, images = excluded.images, sealed = excluded.sealed,
                key_updated_at = case when not $7 then null when $8 then now() else model_providers.key_updated_at end,
                version = gen_random_uuid(), updated_at = now()
              returning ${PROVIDER_COLUMNS}`,
            [name, kind, baseUrl, schemaWithTools, images, sealed, secrets.apiKey !== undefined, isNewKey],
          ),
        )
        return { row, created: !before }
      })
      changes.announce()
      const usedBy = (await readProviderUse(db.pool, name)).get(name) ?? []
      return { provider: showRow(written.row, usedBy), created: written.created }
    },

    async delete(name, { inUse = false, ifMatch } = {}) {
      refuseReadOnly(name)
      await change(async (tx) => {
        const before = await find(tx, name)
        if (!before) throw new BellwireError('provider_not_found')
        requireMatch(ifMatch, etagOf(before.version))
        const users = inUse ? [] : ((await readProviderUse(tx, name)).get(name) ?? [])
        if (users.length > 0) throw inUseError(users)
        await tx.query('delete from bellwire.model_providers where name = $1', [name])
      })
      changes.announce()
    },

    async draft(name, input) {
      const given = environment.find((one) => one.name === name)
      const row = given ? undefined : await find(db.pool, name)
      if (!input) {
        if (given) return given
        if (!row) throw new BellwireError('provider_not_found')
        return settingsOf(row, openSecrets(vault, row))
      }
      refuseReadOnly(name)
      const { secrets, isNewKey: _isNew, ...provider } = prepare(name, input, row)
      return settingsOf({ name, ...provider }, secrets)
    },
  }
}

async function readRows(source: Queryable): Promise<ProviderRow[]> {
  const { rows } = await source.query<ProviderRow>({
    name: 'model_providers',
    text: `select ${PROVIDER_COLUMNS} from bellwire.model_providers order by name`,
  })
  return rows
}

async function refuseTooMany(tx: Queryable): Promise<void> {
  const count = onlyRow(
    await tx.query<{ count: number }>('select count(*)::int as count from bellwire.model_providers'),
  )
  if (count.count < MAX_PROVIDERS) return
  throw new BellwireError('conflict', `There are ${MAX_PROVIDERS} model providers already. Delete one first.`)
}

function inUseError(users: ProviderUser[]): BellwireError {
  const names = users.slice(0, 5).map(({ name }) => name)
  const more = users.length > names.length ? ` and ${users.length - names.length} more` : ''
  return new BellwireError(
    'provider_in_use',
    `${names.join(', ')}${more} ${users.length === 1 ? 'uses' : 'use'} it: give ${users.length === 1 ? 'this agent' : 'these agents'} another model, or add ?in_use=delete.`,
    { extensions: { agents: users.map(({ agentId, name }) => ({ agent_id: agentId, name })) } },
  )
}
