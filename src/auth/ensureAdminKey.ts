import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { hashToken } from '../db/token.ts'
import { keyHint, newKeyText } from './keyText.ts'

/** The name of the key that BELLWIRE_ADMIN_KEY sets. */
export const FROM_ENVIRONMENT = 'environment'

/** Names our lock among the advisory locks of the database: "bell", "akey" in ASCII. */
const LOCK = [0x62656c6c, 0x616b6579]

/**
 * Makes sure that there is an admin key. A configured one takes the place of the one that was configured
 * before; without one, a key is made if there is none at all, and given back: this is the only time that it
 * can be read. Of many processes that start at once, one makes it.
 */
export async function ensureAdminKey(db: Database, configured?: string): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1, $2)', LOCK)

    if (configured !== undefined) {
      const hash = hashToken(configured)
      await tx.query('delete from bellwire.api_keys where name = $1 and hash <> $2', [FROM_ENVIRONMENT, hash])
      await tx.query(
        `insert into bellwire.api_keys (id, name, scope, hash, hint) values ($1, $2, 'admin', $3, $4)
          on conflict (hash) do update set name = excluded.name, scope = excluded.scope, agent_id = null`,
        [newId(), FROM_ENVIRONMENT, hash, keyHint(configured)],
      )
      return undefined
    }

    const admins = await tx.query(`select from bellwire.api_keys where scope = 'admin' limit 1`)
    if (admins.rowCount !== 0) return undefined
    const key = newKeyText('admin')
    await tx.query(
      `insert into bellwire.api_keys (id, name, scope, hash, hint) values ($1, 'First admin key', 'admin', $2, $3)`,
      [newId(), hashToken(key), keyHint(key)],
    )
    return key
  })
}
