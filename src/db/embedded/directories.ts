import { chmod, chown, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../../config/configError.ts'
import { ensureDataDir } from '../../config/dataDir.ts'
import type { Layout } from './layout.ts'
import { runProgram } from './program.ts'
import type { SystemUser } from './systemUser.ts'

/**
 * Makes the directories of the embedded database, owned by the user that it runs as.
 * Throws {@link ConfigError} when that user cannot get to them.
 */
export async function prepareDirectories(layout: Layout, user: SystemUser | undefined): Promise<void> {
  await ensureDataDir(layout.dataDir)
  if (user) await letPass(layout.dataDir)
  try {
    await mkdir(layout.home, { recursive: true, mode: 0o700 })
    if (user && (await stat(layout.home)).uid === 0) await chown(layout.home, user.uid, user.gid)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(
      `The directory of the embedded database cannot be made (${reason}). ` +
        'Set BELLWIRE_DATA_DIR to another directory, or DATABASE_URL to a PostgreSQL server of your own.',
      { cause },
    )
  }
  if (user) await refuseUnreachable(layout, user)
}

/** Lets others pass through the data directory: it is ours, what is secret in it is closed by itself. */
async function letPass(dataDir: string): Promise<void> {
  const { mode } = await stat(dataDir)
  if ((mode & 0o001) === 0) await chmod(dataDir, (mode & 0o7777) | 0o011)
}

/** Tries, rather than reckons from modes: there are access lists and mounts besides. */
async function refuseUnreachable(layout: Layout, user: SystemUser): Promise<void> {
  const result = await runProgram('/bin/sh', ['-c', 'cd -- "$1" && test -w .', 'sh', layout.home], {
    user,
    cwd: '/',
  })
  if (result.code === 0) return
  if (result.code === -1) {
    throw new ConfigError(
      `Bellwire runs as root and may not start the embedded database as the user "${user.name}" ` +
        `(${result.output}). Start it as another user, or set DATABASE_URL.`,
    )
  }
  throw new ConfigError(
    `The embedded database runs as the user "${user.name}", who cannot reach ${layout.home}` +
      `${await closedParent(layout.dataDir)}. Set BELLWIRE_DATA_DIR to a directory whose parents everybody ` +
      'may pass through, such as /var/lib/bellwire.',
  )
}

/** Names the first parent that is closed to others, where modes tell. */
async function closedParent(directory: string): Promise<string> {
  const parents: string[] = []
  for (let parent = directory; parent !== dirname(parent); parent = dirname(parent)) parents.unshift(parent)
  for (const parent of parents) {
    const { mode } = await stat(parent)
    if ((mode & 0o001) === 0) return ` because ${parent} is closed to others`
  }
  return ''
}
