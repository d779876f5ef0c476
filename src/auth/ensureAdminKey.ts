import type { PoolClient } from 'pg'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { hashToken } from '../db/token.ts'
import { keyHint, newKeyText } from './keyText.ts'

/** The name of the key that BELLWIRE_ADMIN_KEY sets. */
export const FROM_ENVIRONMENT = 'environment'

/** Names our lock among the advisory locks of the database: "bell", "akey" in ASCII. */
const LOCK = [0x62656c6c, 0x616b6579]

/** The setting that stores a generated key, encrypted, until it was displayed. */
const UNSEEN = 'unseen_admin_key'

/** The part of a vault that is needed here. */
type Vault = {
  encrypt(text: string, context: string): Buffer
  decrypt(ciphertext: Buffer, context: string): string
}

type Parts = { db: Database; vault: Vault }

/**
 * Ensures that there is an admin key. A configured key replaces the previously configured one; without one, a key is
 * generated if none exists, and returned. Every later start returns it as well until {@link confirmAdminKey} records
 * that it was displayed: a start may fail or be killed before that. Of several processes that start at once, one
 * generates it.
 */
export async function ensureAdminKey({ db, vault }: Parts, configured?: string): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1, $2)', LOCK)

    if (configured !== undefined) {
      const hash = hashToken(configured)
      await tx.query('delete from bellwire.api_keys where name = $1 and hash <> $2', [FROM_ENVIRONMENT, hash])
      await tx.query(
        `insert into bellwire.api_keys (id, name, scope, hash, hint) values ($1, $2, 'admin', $3, $4)
          on conflict (hash) do update set name = excluded.name, scope = excluded.scope,
            role = null, agent_id = null`,
        [newId(), FROM_ENVIRONMENT, hash, keyHint(configured)],
      )
      return undefined
    }

    const unseen = await readUnseen(tx, vault)
    if (unseen !== undefined) return unseen
    const admins = await tx.query(
      `select from bellwire.api_keys where scope = 'admin' and coalesce(role, 'owner') = 'owner' limit 1`,
    )
    if (admins.rowCount !== 0) return undefined
    return makeKey(tx, vault)
  })
}

/** Deletes the stored text of the generated key, once it was displayed. */
export async function confirmAdminKey(db: Database): Promise<void> {
  await db.pool.query('delete from bellwire.settings where name = $1', [UNSEEN])
}

async function makeKey(tx: PoolClient, vault: Vault): Promise<string> {
  const key = newKeyText('admin')
  await tx.query(
    `insert into bellwire.api_keys (id, name, scope, hash, hint) values ($1, 'First admin key', 'admin', $2, $3)`,
    [newId(), hashToken(key), keyHint(key)],
  )
  await tx.query(
    `insert into bellwire.settings (name, value) values ($1, $2)
      on conflict (name) do update set value = excluded.value`,
    [UNSEEN, vault.encrypt(key, UNSEEN).toString('base64')],
  )
  return key
}

/** The generated key that was not displayed yet; undefined when there is none, or when it has been deleted since. */
async function readUnseen(tx: PoolClient, vault: Vault): Promise<string | undefined> {
  const { rows } = await tx.query<{ value: string }>('select value from bellwire.settings where name = $1', [
    UNSEEN,
  ])
  if (!rows[0]) return undefined
  const key = vault.decrypt(Buffer.from(rows[0].value, 'base64'), UNSEEN)
  const { rowCount } = await tx.query('select from bellwire.api_keys where hash = $1', [hashToken(key)])
  return rowCount === 0 ? undefined : key
}
