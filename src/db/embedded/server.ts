import { readFile, rename } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { ConfigError } from '../../config/configError.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Binaries } from './binaries.ts'
import { writeSettings } from './cluster.ts'
import { LAUNCHER_NAME } from './launcherLock.ts'
import type { Home } from './home.ts'
import type { Layout } from './layout.ts'
import { findPostmaster, removeStaleSocketLock, type Postmaster } from './postmaster.ts'
import { SERVER_SETTINGS } from './settings.ts'
import { chooseTransport, readPassword, transportSettings, urlOf, type Transport } from './transport.ts'

/** How long a server may be silent, neither answering nor reporting that it is starting or stopping. */
const SILENCE_MS = 30_000
const STOP_MS = 60_000

/** Transient start failures caused by another process. */
const PASSING = /postmaster\.pid|shared memory|Address already in use/i

export type ServerOptions = {
  binaries: Binaries
  layout: Layout
  home: Home
  transport: Transport['kind']
  settings: Readonly<Record<string, string>>
  log: Log
}

/** A server that responds, with the connection that was used to check. */
export type ReachedServer = { client: pg.Client; transport: Transport; attached: boolean }

/**
 * Connects to the cluster's server; starts it if it is not running, waits if it is starting or stopping. Throws {@link
 * ConfigError} when the server does not start, or is silent for half a minute.
 */
export async function reachServer(options: ServerOptions): Promise<ReachedServer> {
  let attached = true
  let lastWord = Date.now()
  let lastFailure = 'it does not respond'
  while (Date.now() - lastWord < SILENCE_MS) {
    const postmaster = await findPostmaster(options.layout)
    if (postmaster) {
      const transport = await transportOf(postmaster, options)
      const answer = await tryConnect(urlOf(transport, 'postgres'))
      if (answer.client) return { client: answer.client, transport, attached }
      if (answer.busy) lastWord = Date.now()
      lastFailure = answer.reason
    } else {
      const failure = await startServer(options)
      if (failure === undefined) attached = false
      else if (PASSING.test(failure)) lastFailure = failure
      else throw new ConfigError(`The embedded database does not start: ${failure}`)
    }
    await delay(50)
  }
  throw new ConfigError(
    `The embedded database in ${options.layout.home} cannot be reached (${lastFailure}). Its log is ${options.layout.log}.`,
  )
}

/** Stops the server and waits until it is down. Does nothing when it is not running. */
export async function stopServer(
  options: Pick<ServerOptions, 'binaries' | 'layout' | 'home' | 'log'>,
): Promise<void> {
  const { binaries, layout, home, log } = options
  const postmaster = await findPostmaster(layout)
  for (const mode of ['fast', 'immediate']) {
    if (!postmaster) return
    // We wait ourselves: pg_ctl would keep waiting if another launcher starts the next server at once.
    const args = ['stop', '--pgdata', home.path(basename(layout.cluster)), '--mode', mode, '--no-wait']
    const result = await home.run(binaries.pgCtl, args)
    if (await isGone(postmaster, layout)) return
    log.warn({ mode, output: result.output }, 'the embedded database did not stop')
  }
}

async function isGone(postmaster: Postmaster, layout: Layout): Promise<boolean> {
  const deadline = Date.now() + STOP_MS
  while (Date.now() < deadline) {
    if ((await findPostmaster(layout))?.pid !== postmaster.pid) return true
    await delay(20)
  }
  return false
}

/** Returns the reason if the server does not start. */
async function startServer(options: ServerOptions): Promise<string | undefined> {
  const { binaries, layout, home } = options
  const transport = await chooseTransport(options.transport, layout, home)
  const settings = { ...SERVER_SETTINGS, ...options.settings, ...transportSettings(transport) }
  await writeSettings(layout, home.user, settings)
  if (transport.kind === 'socket') await removeStaleSocketLock(transport.directory, transport.port)
  await rename(layout.log, `${layout.log}.1`).catch(() => undefined)
  const cluster = ['--pgdata', home.path(basename(layout.cluster)), '--log', basename(layout.log)]
  const args = ['start', ...cluster, '--wait', '--timeout', '30']
  const result = await home.run(binaries.pgCtl, args)
  if (result.code === 0 || (await findPostmaster(layout))) return undefined
  return (await lastFatal(layout)) ?? result.output
}

async function transportOf(postmaster: Postmaster, options: ServerOptions): Promise<Transport> {
  if (postmaster.socketDir !== undefined) {
    return { kind: 'socket', directory: postmaster.socketDir, port: postmaster.port }
  }
  const password = await readPassword(options.layout, options.home.user)
  return { kind: 'tcp', port: postmaster.port, password }
}

type Answer = { client?: pg.Client; busy: boolean; reason: string }

async function tryConnect(url: string): Promise<Answer> {
  const client = new pg.Client({
    connectionString: url,
    application_name: LAUNCHER_NAME,
    connectionTimeoutMillis: 2_000,
  })
  // The caller that receives the connection listens for its end.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return { client, busy: false, reason: '' }
  } catch (error) {
    await client.end().catch(() => undefined)
    // 57P03: starting up, recovering or shutting down.
    const busy = error instanceof pg.DatabaseError && error.code === '57P03'
    return { busy, reason: error instanceof Error ? error.message : String(error) }
  }
}

async function lastFatal(layout: Layout): Promise<string | undefined> {
  const text = await readFile(layout.log, 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => /FATAL|PANIC/.test(line))
  return lines.at(-1)?.replace(/^.*?(FATAL|PANIC): */, '')
}
