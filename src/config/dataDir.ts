import { chmod } from 'node:fs/promises'
import { ConfigError } from './configError.ts'
import { makeDirectories } from './makeDirectories.ts'

/** The default data directory of root. */
export const SYSTEM_DIRECTORY = '/var/lib/bellwire'

/**
 * Creates the data directory if it is missing, closed to other users. Under root, others may traverse it (not read it),
 * because the embedded database runs as another user in a directory below.
 * Throws {@link ConfigError} when it cannot be created.
 */
export async function ensureDataDir(dataDir: string): Promise<void> {
  try {
    const first = await makeDirectories(dataDir, 0o755)
    if (first !== undefined) await chmod(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(
      `The data directory ${dataDir} cannot be created (${reason}). Set BELLWIRE_DATA_DIR to a directory that this user may write.`,
      { cause },
    )
  }
}
