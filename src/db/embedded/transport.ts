import { randomBytes } from 'node:crypto'
import { chmod, lchown, lstat, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDirectories } from '../../config/makeDirectories.ts'
import type { Home } from './home.ts'
import type { Layout } from './layout.ts'
import { writeOwnedFile } from './ownedFile.ts'
import type { SystemUser } from './systemUser.ts'

/** How clients connect to the server: a private Unix socket, or TCP on loopback with a password. */
export type Transport =
  { kind: 'socket'; directory: string; port: number } | { kind: 'tcp'; port: number; password: string }

export const ROLE = 'bellwire'

/** Part of the socket's file name; no port is opened. */
const SOCKET_PORT = 5432

/** Maximum bytes of a socket's path, with some margin: 104 on macOS, 108 on Linux, NUL included. */
const LONGEST_SOCKET = 100

/** The address of a database on the server, for clients and for people (`psql URL`). */
export function urlOf(transport: Transport, database: string): string {
  if (transport.kind === 'tcp') {
    return `postgresql://${ROLE}:${transport.password}@127.0.0.1:${transport.port}/${database}?sslmode=disable`
  }
  const query = new URLSearchParams({
    host: transport.directory,
    port: `${transport.port}`,
    user: ROLE,
    sslmode: 'disable',
  })
  return `postgresql:///${database}?${query.toString()}`
}

/** Settings that make the server listen there and nowhere else. */
export function transportSettings(transport: Transport): Record<string, string> {
  if (transport.kind === 'tcp') {
    return { listen_addresses: '127.0.0.1', port: `${transport.port}`, unix_socket_directories: '' }
  }
  return {
    listen_addresses: '',
    port: `${transport.port}`,
    // A list: a name that contains a comma needs its own quotes.
    unix_socket_directories: `"${transport.directory.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
  }
}

/** Creates a transport for a server that is about to start. */
export async function chooseTransport(
  kind: Transport['kind'],
  layout: Layout,
  home: Home,
): Promise<Transport> {
  if (kind === 'socket') {
    return { kind, directory: await socketDirectory(layout, home), port: SOCKET_PORT }
  }
  return { kind, port: await freePort(), password: await readPassword(layout, home.user) }
}

/** The password of the TCP transport, generated on first use. */
export async function readPassword(layout: Layout, user: SystemUser | undefined): Promise<string> {
  const known = await readFile(layout.password, 'utf8').catch(() => '')
  if (known !== '') return known.trim()
  const password = randomBytes(24).toString('base64url')
  await writeOwnedFile(layout.password, password, user)
  return password
}

async function socketDirectory(layout: Layout, { user, reachable }: Home): Promise<string> {
  if (reachable && fits(layout.socketDir)) {
    await makeDirectories(layout.socketDir, 0o700)
    await own(layout.socketDir, user)
    return layout.socketDir
  }
  const recorded = (await readFile(layout.socketDirRecord, 'utf8').catch(() => '')).trim()
  if (recorded !== '' && (await isPrivate(recorded, user))) return recorded
  // Root's temporary directory may be closed to other users.
  const base = !user && fits(join(tmpdir(), 'bellwire-XXXXXX')) ? tmpdir() : '/tmp'
  const directory = await mkdtemp(join(base, 'bellwire-'))
  await own(directory, user)
  await writeOwnedFile(layout.socketDirRecord, directory, user)
  return directory
}

/** Removes a socket directory outside the data directory, once the server is down. */
export async function removeOutsideSocket(layout: Layout, transport: Transport): Promise<void> {
  if (transport.kind !== 'socket' || transport.directory === layout.socketDir) return
  await rm(transport.directory, { recursive: true, force: true })
  await rm(layout.socketDirRecord, { force: true })
}

function fits(directory: string): boolean {
  return Buffer.byteLength(join(directory, `.s.PGSQL.${SOCKET_PORT}.lock`)) < LONGEST_SOCKET
}

async function own(directory: string, user: SystemUser | undefined): Promise<void> {
  await chmod(directory, 0o700)
  if (user) await lchown(directory, user.uid, user.gid)
}

/** Whether a directory in a world-writable place is still the one that we created. */
async function isPrivate(directory: string, user: SystemUser | undefined): Promise<boolean> {
  const found = await lstat(directory).catch(() => undefined)
  return (
    found !== undefined &&
    found.isDirectory() &&
    found.uid === (user?.uid ?? process.getuid?.()) &&
    (found.mode & 0o077) === 0
  )
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('no free port was found'))
      })
    })
  })
}
