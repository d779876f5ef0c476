import { lchown, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ConfigError } from '../../config/configError.ts'
import type { Binaries } from './binaries.ts'
import type { Home } from './home.ts'
import type { Layout } from './layout.ts'
import { writeOwnedFile } from './ownedFile.ts'
import { renderSettings } from './settings.ts'
import type { SystemUser } from './systemUser.ts'
import { readPassword, ROLE, type Transport } from './transport.ts'

/** Files that the cluster reads after its own configuration; later ones take precedence. */
const OURS = 'bellwire.conf'
const LOCAL = 'local.conf'
const INCLUDES = `include_if_exists = '${OURS}'\ninclude_if_exists = '${LOCAL}'\n`

export type ClusterOptions = {
  binaries: Binaries
  layout: Layout
  home: Home
  transport: Transport['kind']
  /** False only if the data may be lost. */
  sync: boolean
}

/** Creates the cluster if there is none. Returns whether it did. */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const { layout } = options
  const version = await readFile(join(layout.cluster, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version === undefined) {
    await makeCluster(options)
    return true
  }
  await refuseOtherVersion(options, version.trim())
  return false
}

/** In a private place first: an incomplete cluster must not be taken for a complete one. */
async function makeCluster({ binaries, layout, home, transport, sync }: ClusterOptions): Promise<void> {
  const { user } = home
  const partial = await mkdtemp(join(layout.home, 'cluster-'))
  try {
    if (user) await lchown(partial, user.uid, user.gid)
    const authentication =
      transport === 'tcp'
        ? ['--auth=scram-sha-256', `--pwfile=${home.path(basename(layout.password))}`]
        : ['--auth-local=trust', '--auth-host=reject']
    if (transport === 'tcp') await readPassword(layout, user)
    const args = [
      `--pgdata=${home.path(basename(partial))}`,
      `--username=${ROLE}`,
      '--encoding=UTF8',
      '--locale=C',
      ...authentication,
    ]
    if (!sync) args.push('--no-sync')
    const result = await home.run(binaries.initdb, args)
    if (result.code !== 0) {
      throw new ConfigError(
        `The embedded database could not be created in ${layout.home}: ${lastLine(result.output)}`,
      )
    }
    const file = join(partial, 'postgresql.conf')
    const settings = await readFile(file, 'utf8')
    await writeOwnedFile(file, `${settings}\n${INCLUDES}`, user)
    await rename(partial, layout.cluster).catch((error: NodeJS.ErrnoException) => {
      // Another launcher was faster: its cluster is just as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
    if (sync) await syncDirectory(layout.home)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

async function refuseOtherVersion(
  { binaries, layout, home }: ClusterOptions,
  version: string,
): Promise<void> {
  const { output } = await home.run(binaries.initdb, ['--version'])
  const major = /(\d+)/.exec(output)?.[1]
  if (major === version) return
  throw new ConfigError(
    `The data in ${layout.cluster} is from PostgreSQL ${version}; this version of Bellwire includes ${major}. ` +
      'Migrate it with pg_upgrade or pg_dump, or set BELLWIRE_DATA_DIR to another directory.',
  )
}

/** Writes the settings for the next start of the server. */
export async function writeSettings(
  layout: Layout,
  user: SystemUser | undefined,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  await writeOwnedFile(join(layout.cluster, OURS), renderSettings(settings), user)
}

/** Makes a rename durable across a power failure. Windows has no such call and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using directory = await open(path)
  await directory.sync()
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}
