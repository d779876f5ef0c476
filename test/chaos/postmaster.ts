import { readFile } from 'node:fs/promises'
import { layoutOf } from '../../src/db/embedded/layout.ts'
import { findPostmaster } from '../../src/db/embedded/postmaster.ts'
import { urlOf } from '../../src/db/embedded/transport.ts'
import { waitFor } from '../harness/waitFor.ts'
import { signal } from './site.ts'

/** The process id of the embedded server of a data directory, once one is running. */
export async function postmasterPid(dataDir: string): Promise<number> {
  const { pid } = await waitFor(() => findPostmaster(layoutOf(dataDir)), {
    deadlineMs: 60_000,
    what: 'a running postmaster',
  })
  return pid
}

/** The URL of the database of a data directory, over its socket. */
export async function embeddedUrl(dataDir: string): Promise<string> {
  const { socketDir, port } = await waitFor(() => findPostmaster(layoutOf(dataDir)))
  if (socketDir === undefined) throw new Error('the embedded server has no socket')
  return urlOf({ kind: 'socket', directory: socketDir, port }, 'bellwire')
}

/** Stops a server that a test left behind. */
export async function endServer(dataDir: string): Promise<void> {
  const text = await readFile(`${layoutOf(dataDir).cluster}/postmaster.pid`, 'utf8').catch(() => '')
  const found = text === '' ? undefined : await findPostmaster(layoutOf(dataDir))
  if (!found) return
  signal(found.pid, 'SIGQUIT')
  await waitFor(async () => (await findPostmaster(layoutOf(dataDir))) === undefined)
}
