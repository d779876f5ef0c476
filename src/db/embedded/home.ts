import { chmod, chown, open, readdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../../config/configError.ts'
import { ensureDataDir } from '../../config/dataDir.ts'
import { makeDirectories } from '../../config/makeDirectories.ts'
import type { Layout } from './layout.ts'
import { runProgram, type ProgramResult } from './program.ts'
import type { SystemUser } from './systemUser.ts'

/** The directory that the database lives in, as the user sees it that the database runs as. */
export type Home = {
  user: SystemUser | undefined
  /** Whether that user gets there by its path. Where not, each program is handed the open directory. */
  reachable: boolean
  /** Runs a program as that user, in the home. */
  run(program: string, args: string[]): Promise<ProgramResult>
  /** Names a thing in the home, for the arguments of such a program. */
  path(name: string): string
}

/** How a program on Linux names the directory that it was handed as file descriptor 3. */
const HANDED_OVER = '/proc/self/fd/3'

/**
 * Makes the home, owned by the user that the database runs as. Under root that is another user, who may be
 * shut out by a parent of the data directory; then the open directory is handed over, on Linux.
 * Throws {@link ConfigError} when that user cannot get in.
 */
export async function prepareHome(layout: Layout, user: SystemUser | undefined): Promise<Home> {
  await ensureDataDir(layout.dataDir)
  if (user) await letPass(layout.dataDir)
  await makeHome(layout, user)

  const byPath: Home = {
    user,
    reachable: true,
    run: (program, args) => runProgram(program, args, { user, cwd: layout.home }),
    // Relative: pg_ctl hands paths to a shell, and does not quote what is special there.
    path: (name) => name,
  }
  if (!user) return byPath
  const tried = await byPath.run('/bin/sh', ['-c', 'cd -- "$1" && test -w .', 'sh', layout.home])
  if (tried.code === 0) return byPath
  if (tried.code === -1) {
    throw new ConfigError(
      `Bellwire runs as root and may not start the embedded database as the user "${user.name}" ` +
        `(${tried.output}). Start it as another user, or set DATABASE_URL.`,
    )
  }

  const byHandle: Home = {
    user,
    reachable: false,
    async run(program, args) {
      await using directory = await open(layout.home)
      return await runProgram(program, args, { user, cwd: layout.home, handle: directory.fd })
    },
    path: (name) => `${HANDED_OVER}/${name}`,
  }
  const handed = await byHandle.run('/bin/sh', ['-c', 'cd "$1" && test -w .', 'sh', HANDED_OVER])
  if (handed.code === 0) return byHandle
  throw new ConfigError(
    `The embedded database runs as the user "${user.name}", who cannot reach ${layout.home}` +
      `${await closedParent(layout.dataDir)}. Set BELLWIRE_DATA_DIR to a directory whose parents everybody ` +
      'may pass through, such as /var/lib/bellwire.',
  )
}

async function makeHome(layout: Layout, user: SystemUser | undefined): Promise<void> {
  try {
    await makeDirectories(layout.home, 0o700)
    if (user && (await stat(layout.home)).uid === 0) await chown(layout.home, user.uid, user.gid)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(
      `The directory of the embedded database cannot be created (${reason}). ` +
        'Set BELLWIRE_DATA_DIR to another directory, or DATABASE_URL to a PostgreSQL server of your own.',
      { cause },
    )
  }
}

/** Lets others pass through the data directory, when nothing is in it but ours: what is secret is closed by itself. */
async function letPass(dataDir: string): Promise<void> {
  const { mode } = await stat(dataDir)
  if ((mode & 0o001) !== 0) return
  const names = await readdir(dataDir)
  if (names.every((name) => /^(postgres(-.*)?|secret-key.*)$/.test(name))) {
    await chmod(dataDir, (mode & 0o7777) | 0o011)
  }
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
