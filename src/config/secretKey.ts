import { hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { ConfigError } from './configError.ts'
import { ensureDataDir } from './dataDir.ts'

const FILE = 'secret-key'
const SHORTEST = 16

/**
 * The 32 bytes that encrypt secrets in the database: from BELLWIRE_SECRET_KEY, or from a file in the data directory
 * that the first start creates. Throws {@link ConfigError} when that file cannot be used.
 */
export async function resolveSecretKey(config: Pick<Config, 'secretKey' | 'dataDir'>): Promise<Buffer> {
  return deriveSecretKey(await readSecretKey(config))
}

/** The same key as text, as BELLWIRE_SECRET_KEY would contain it: to pass on to a child process. */
export async function readSecretKey(config: Pick<Config, 'secretKey' | 'dataDir'>): Promise<string> {
  if (config.secretKey !== undefined) return config.secretKey
  const path = join(config.dataDir, FILE)
  const text = (await readKeyFile(path)) ?? (await makeKeyFile(config.dataDir, path))
  if (text.length >= SHORTEST) return text
  throw new ConfigError(
    `The key file ${path} is empty or truncated. Restore it from a backup; without it the secrets in the ` +
      'database cannot be read. Delete it only if there is nothing to keep.',
  )
}

/** 32 bytes from a text of any length (HKDF with SHA-256, RFC 5869). */
export function deriveSecretKey(text: string): Buffer {
  return Buffer.from(hkdfSync('sha256', text, '', 'bellwire secret key', 32))
}

async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new ConfigError(
      `The key file ${path} cannot be read (${reason}). Make it readable for this user.`,
      {
        cause,
      },
    )
  }
}

/** Created atomically, and never replaces a file that another process has just created. */
async function makeKeyFile(dataDir: string, path: string): Promise<string> {
  await ensureDataDir(dataDir)
  const partial = `${path}.${randomUUID()}`
  try {
    {
      await using file = await open(partial, 'wx', 0o600)
      await file.writeFile(`${randomBytes(32).toString('base64url')}\n`)
      await file.sync()
    }
    await link(partial, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(
      `The key file ${path} cannot be created (${reason}). Set BELLWIRE_SECRET_KEY, or BELLWIRE_DATA_DIR to a directory that this user may write.`,
      { cause },
    )
  } finally {
    await rm(partial, { force: true })
  }
}
