import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { SystemUser } from './systemUser.ts'

/**
 * Writes a file for the database's user, readable by no one else. It replaces anything at the path, even a link: root
 * must not be redirected by a directory that another user owns.
 */
export async function writeOwnedFile(
  path: string,
  text: string,
  user: SystemUser | undefined,
): Promise<void> {
  const partial = `${path}.${randomUUID()}`
  try {
    await using file = await open(partial, 'wx', 0o600)
    await file.writeFile(text)
    await file.sync()
    if (user) await file.chown(user.uid, user.gid)
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
}
