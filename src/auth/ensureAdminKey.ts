import { and, eq, ne, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { apiKeys } from '../db/schema.ts'
import { newId } from '../db/id.ts'
import { hashKey, keyHint, newKeyText } from './keyText.ts'

/** The name of the key that BELLWIRE_ADMIN_KEY sets. */
export const FROM_ENVIRONMENT = 'environment'

/** Names our lock among the advisory locks of the database: "bell", "akey" in ASCII. */
const LOCK = [0x62656c6c, 0x616b6579] as const

/**
 * Makes sure that there is an admin key. A configured one takes the place of the one that was configured
 * before; without one, a key is made if there is none at all, and given back: this is the only time that it
 * can be read. Of many processes that start at once, one makes it.
 */
export async function ensureAdminKey(db: Database, configured?: string): Promise<string | undefined> {
  return db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK[0]}, ${LOCK[1]})`)

    if (configured !== undefined) {
      const hash = hashKey(configured)
      const mine = { name: FROM_ENVIRONMENT, scope: 'admin' as const, agentId: null }
      await tx.delete(apiKeys).where(and(eq(apiKeys.name, FROM_ENVIRONMENT), ne(apiKeys.hash, hash)))
      await tx
        .insert(apiKeys)
        .values({ ...mine, id: newId(), hash, hint: keyHint(configured) })
        .onConflictDoUpdate({ target: apiKeys.hash, set: mine })
      return undefined
    }

    const admins = await tx
      .select({ id: apiKeys.id })
      .from(apiKeys)
      .where(eq(apiKeys.scope, 'admin'))
      .limit(1)
    if (admins.length > 0) return undefined
    const key = newKeyText('admin')
    await tx.insert(apiKeys).values({
      id: newId(),
      name: 'First admin key',
      scope: 'admin',
      hash: hashKey(key),
      hint: keyHint(key),
    })
    return key
  })
}
