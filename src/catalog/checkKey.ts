import { eq } from 'drizzle-orm'
import { ConfigError } from '../config/configError.ts'
import type { Database } from '../db/database.ts'
import { settings } from '../db/schema.ts'
import type { Vault } from './vault.ts'

const NAME = 'secret_key_fingerprint'

/**
 * Makes sure that the secret key is the one that this database was begun with. The first process to start
 * records its fingerprint; of several that start at once with different keys, one wins and the others throw.
 * Throws {@link ConfigError} on another key.
 */
export async function checkKey(db: Database, vault: Vault): Promise<void> {
  await db.orm.insert(settings).values({ name: NAME, value: vault.fingerprint }).onConflictDoNothing()
  const [row] = await db.orm.select({ value: settings.value }).from(settings).where(eq(settings.name, NAME))
  if (row?.value !== vault.fingerprint) {
    throw new ConfigError(
      'The secret key is not the one that this database was begun with, so its secrets and webhook URLs cannot be ' +
        'decrypted. Set BELLWIRE_SECRET_KEY to the key of before (without it, the key is a file in the data directory).',
    )
  }
}
