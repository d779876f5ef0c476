import { ConfigError } from '../config/configError.ts'
import type { Database } from '../db/database.ts'
import type { Vault } from './vault.ts'

const NAME = 'secret_key_fingerprint'

/**
 * Verifies that the secret key is the one that this database was created with. The first process to start records its
 * fingerprint; of several that start at once with different keys, one wins and the others throw. Throws {@link
 * ConfigError} for a different key.
 */
export async function verifySecretKey(db: Database, vault: Vault): Promise<void> {
  await db.pool.query('insert into bellwire.settings (name, value) values ($1, $2) on conflict do nothing', [
    NAME,
    vault.fingerprint,
  ])
  const { rows } = await db.pool.query<{ value: string }>(
    'select value from bellwire.settings where name = $1',
    [NAME],
  )
  if (rows[0]?.value !== vault.fingerprint) {
    throw new ConfigError(
      'This is not the secret key that this database was created with, so its secrets and webhook URLs cannot be ' +
        'decrypted. Set BELLWIRE_SECRET_KEY to the previous key (without it, the key is a file in the data directory).',
    )
  }
}
