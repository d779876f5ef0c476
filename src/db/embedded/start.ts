import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { ConfigError } from '../../config/configError.ts'
import type { Log } from '../../telemetry/log.ts'
import { prepareBinaries, removeOtherCopies } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { prepareHome } from './home.ts'
import { announceLeaving, takeLauncherLock } from './launcherLock.ts'
import { layoutOf } from './layout.ts'
import { reachServer, stopServer, type ReachedServer, type ServerOptions } from './server.ts'
import { databaseUser } from './systemUser.ts'
import { removeOutsideSocket, urlOf, type Transport } from './transport.ts'

const DATABASE = 'bellwire'
const MOST_TRIES = 5

export type EmbeddedOptions = {
  /** Absolute path; created if missing. */
  dataDir: string
  log: Log
  /** PostgreSQL settings that differ from the defaults; `fsync: 'off'` only if the data may be lost. */
  settings?: Readonly<Record<string, string>>
  /** A private Unix socket, except on Windows. */
  transport?: Transport['kind']
}

export type EmbeddedPostgres = {
  url: string
  /** Whether the server was already running, as after a crash of its launcher. */
  attached: boolean
  /** Announces that `stop` will follow: a launcher that waits for this one waits longer. */
  leave(): Promise<void>
  /** Stops the server, attached or not, and waits until it is down. */
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL server of a data directory, or attaches to it if a crash left it running, and keeps it running
 * until `stop`. It outlives this process if that is killed. One launcher holds a data directory at a time. Throws
 * {@link ConfigError} if it cannot start or attach.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  return launch(options).catch((error: unknown) => {
    throw explainFileError(error, options.dataDir)
  })
}

async function launch(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log } = options
  const settings = options.settings ?? {}
  const transport = options.transport ?? (process.platform === 'win32' ? 'tcp' : 'socket')
  const layout = layoutOf(dataDir)
  const user = await databaseUser(layout.home)
  const home = await prepareHome(layout, user)
  const binaries = await prepareBinaries(layout, home)
  const sync = settings['fsync'] !== 'off'
  const made = await ensureCluster({ binaries, layout, home, transport, sync })
  if (made) log.info({ data_dir: dataDir }, 'the embedded database was created')

  const server: ServerOptions = { binaries, layout, home, transport, settings, log }
  const reached = await becomeLauncher(server)
  if (!reached.attached) await removeOtherCopies(layout, binaries)

  let stopping: Promise<void> | undefined
  /** Undefined while the server is down: it must not be stopped then. */
  let current: pg.Client | undefined = reached.client
  let recovery: Promise<void> | undefined
  watch(reached.client)

  function watch(client: pg.Client): void {
    client.once('end', () => {
      if (stopping || client !== current) return
      current = undefined
      log.warn('the embedded database stopped; restarting it')
      recovery = recover().catch((error: unknown) => {
        log.error({ err: error }, 'the embedded database could not be restarted')
      })
    })
  }

  async function recover(): Promise<void> {
    for (let pause = 100; !stopping; pause = Math.min(pause * 2, 5_000)) {
      try {
        const { client } = await becomeLauncher(server)
        current = client
        watch(client)
        log.info('the embedded database is running again')
        return
      } catch (error) {
        log.warn({ err: error }, 'the embedded database is not available yet')
        await delay(pause)
      }
    }
  }

  async function stop(): Promise<void> {
    await recovery
    if (!current) return
    await stopServer(server)
    await current.end().catch(() => undefined)
    await removeOutsideSocket(layout, reached.transport)
  }

  return {
    url: urlOf(reached.transport, DATABASE),
    attached: reached.attached,
    leave: async () => {
      if (current && !stopping) await announceLeaving(current).catch(() => undefined)
    },
    stop: () => (stopping ??= stop()),
  }
}

/** Explains what to do about a file that the system does not let us use; returns other errors unchanged. */
function explainFileError(error: unknown, dataDir: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'path' in error)) return error
  return new ConfigError(
    `The embedded database cannot use ${dataDir} (${error.message}). Set BELLWIRE_DATA_DIR to a directory that ` +
      'this user may write, or DATABASE_URL to a PostgreSQL server of your own.',
    { cause: error },
  )
}

/** A running server, with the launcher lock held and the database created. */
async function becomeLauncher(server: ServerOptions): Promise<ReachedServer> {
  for (let tries = 1; ; tries++) {
    const reached = await reachServer(server)
    try {
      await takeLauncherLock(reached.client, server.layout.dataDir)
      await ensureDatabase(reached.client)
      return reached
    } catch (error) {
      await reached.client.end().catch(() => undefined)
      // The previous launcher stopped the server while we waited for its lock: start over.
      if (error instanceof ConfigError || tries === MOST_TRIES) throw error
    }
  }
}

async function ensureDatabase(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
  if (rows.length === 0) await client.query(`create database ${DATABASE}`)
}
