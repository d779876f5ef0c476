import { readFile, stat } from 'node:fs/promises'
import { ConfigError } from '../../config/configError.ts'

/** A user of the operating system that programs can be run as. */
export type SystemUser = { name: string; uid: number; gid: number }

/** Users that the database may run as when we are root, in order of preference. */
const CANDIDATES = ['bellwire', 'postgres', 'nobody']

/**
 * The user that the database must run as: undefined (our own) unless we are root, which PostgreSQL refuses. An existing
 * database keeps its owner. Throws {@link ConfigError} when there is no suitable user.
 */
export async function databaseUser(databaseDir: string): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = parseUsers(await readFile('/etc/passwd', 'utf8').catch(() => ''))
  const owner = await stat(databaseDir).catch(() => undefined)
  if (owner && owner.uid !== 0) {
    return (
      users.find((user) => user.uid === owner.uid) ?? { name: `${owner.uid}`, uid: owner.uid, gid: owner.gid }
    )
  }
  for (const name of CANDIDATES) {
    const user = users.find((candidate) => candidate.name === name && candidate.uid !== 0)
    if (user) return user
  }
  throw new ConfigError(
    'The embedded database cannot run as root and found no other user to run as. ' +
      'Create one (useradd --system bellwire), start Bellwire as another user, or set DATABASE_URL.',
  )
}

/** Reads the lines of /etc/passwd. */
function parseUsers(text: string): SystemUser[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}
