import { chmod, chown, open, readdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../../config/configError.ts'
import { ensureDataDir } from '../../config/dataDir.ts'
import { makeDirectories } from '../../config/makeDirectories.ts'
import type { Layout } from './layout.ts'
import { runProgram, type ProgramResult } from './program.ts'
import type { SystemUser } from './systemUser.ts'

/** The directory of the database, from the point of view of the user that the database runs as. */
export type Home = {
  user: SystemUser | undefined
  /** Whether that user can reach it by its path. If not, each program receives the open directory. */
  reachable: boolean
  /** Runs a program as that user, in the home directory. */
  run(program: string, args: string[]): Promise<ProgramResult>
  /** The path of a file in the home directory, for the arguments of such a program. */
  path(name: string): string
}

/** How a program on Linux names the directory that it receives as file descriptor 3. */
const HANDED_OVER = '/proc/self/fd/3'

/**
 * Creates the home directory, owned by the user that the database runs as. Under root that is another user, who may be
 * locked out by a parent of the data directory; then the open directory is passed on, on Linux. Throws {@link
 * ConfigError} when that user has no access.
 */
export async function prepareHome(layout: Layout, user: SystemUser | undefined): Promise<Home> {
  await ensureDataDir(layout.dataDir)
  if (user) await letPass(layout.dataDir)
  await makeHome(layout, user)

  const byPath: Home = {
    user,
    reachable: true,
    run: (program, args) => runProgram(program, args, { user, cwd: layout.home }),
    // Relative: pg_ctl passes paths to a shell without quoting special characters.
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
      `${await closedParent(layout.dataDir)}. Set BELLWIRE_DATA_DIR to a directory whose parents everyone ` +
      'can access, such as /var/lib/bellwire.',
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

/** Lets others traverse the data directory, if it contains only our files: secret files are protected themselves. */
async function letPass(dataDir: string): Promise<void> {
  const { mode } = await stat(dataDir)
  if ((mode & 0o001) !== 0) return
  const names = await readdir(dataDir)
  if (names.every((name) => /^(postgres(-.*)?|secret-key.*)$/.test(name))) {
    await chmod(dataDir, (mode & 0o7777) | 0o011)
  }
}

/** Finds the first parent that is closed to others, where file modes apply. */
async function closedParent(directory: string): Promise<string> {
  const parents: string[] = []
  for (let parent = directory; parent !== dirname(parent); parent = dirname(parent)) parents.unshift(parent)
  for (const parent of parents) {
    const { mode } = await stat(parent)
    if ((mode & 0o001) === 0) return ` because ${parent} is closed to others`
  }
  return ''
}
