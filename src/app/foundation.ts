import type { Secrets } from '../secrets/secrets.ts'
import type { Config } from '../config/config.ts'
import { toolEnvironment } from '../config/environment.ts'
import { readVersion } from '../config/version.ts'
import { openDatabase, type Database } from '../db/database.ts'
import { shareAnnouncements } from '../db/announcements.ts'
import { createSignals, type Signals } from '../db/signals.ts'
import { listedPrices, listPrice } from '../models/prices.ts'
import { environmentProviders } from '../models/providerSettings.ts'
import { createMailer } from '../delivery/providers/mailer.ts'
import { createNoticeSettings } from '../notices/noticeSettings.ts'
import { createSendToChannel } from '../notices/sendToChannel.ts'
import { createModelProviders } from '../modelProviders/modelProviders.ts'
import type { Vault } from '../secrets/vault.ts'
import { createConnectionGuard, createGuardedFetch, GuardedFetchError } from '../tools/guardedFetch.ts'
import { createMcpConnector } from '../tools/mcp/connector.ts'
import type { Log } from '../telemetry/log.ts'
import type { TracingOptions } from '../telemetry/tracing.ts'

export const VERSION = readVersion()

/** List prices; prices set by operators take precedence. */
export const LIST_PRICES = { of: listPrice, all: listedPrices }

/** A server that does not answer for this long is treated as unavailable. */
const QUERY_TIMEOUT_MS = 15_000

/** How long one attempt of a notice may take. */
const NOTICE_TIMEOUT_MS = 20_000

export type AppOptions = {
  config: Config
  databaseUrl: string
  /** 32 bytes. */
  secretKey: Buffer
  log: Log
}

type Foundation = Pick<AppOptions, 'config' | 'databaseUrl' | 'log'> & { name: string; max: number }

/** What both processes are built on. Everything put on the stack is stopped in reverse order. */
export async function openFoundation({ databaseUrl, log, name, max }: Foundation) {
  const stack = new AsyncDisposableStack()
  try {
    const warn = (what: string) => (error: Error) => log.warn({ err: error }, what)
    const db: Database = openDatabase(databaseUrl, {
      name,
      max,
      queryTimeoutMs: QUERY_TIMEOUT_MS,
      onError: warn('a database connection failed'),
    })
    stack.defer(() => db.close())
    const signals = createSignals(db, databaseUrl, {
      name,
      onError: warn('the notification connection failed'),
    })
    stack.defer(() => signals.stop())
    return { stack, db, signals }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** Access to the outside: the guarded fetch, and MCP servers. */
export function openOutbound({
  stack,
  config,
  secrets,
  timeoutMs,
}: {
  stack: AsyncDisposableStack
  config: Config
  secrets: Secrets
  timeoutMs?: number
}) {
  const fetch = createGuardedFetch({
    allowPrivateNetworks: config.allowPrivateNetworks,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  stack.defer(() => fetch.close())
  const mcp = createMcpConnector({
    fetch,
    secrets: secrets.read,
    commands: config.mcpCommands,
    environment: toolEnvironment(),
    version: VERSION,
  })
  stack.defer(() => mcp.close())
  return {
    fetch,
    secrets: secrets.read,
    mcp,
    allowPrivateNetworks: config.allowPrivateNetworks,
    version: VERSION,
  }
}

/**
 * Where model providers may be that were added at run time, beside the public internet: this machine and private
 * networks, because that is where model servers are. Link-local addresses are not among them: those of clouds give
 * credentials to everybody who asks.
 */
const MODEL_NETWORKS = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '::1/128',
  'fc00::/7',
]

/** Model providers, and the rules for where those may be that were added at run time. */
export async function openProviders({
  config,
  db,
  vault,
  signals,
}: {
  config: Config
  db: Database
  vault: Vault
  signals: Signals
}) {
  const guard = createConnectionGuard([...MODEL_NETWORKS, ...config.allowPrivateNetworks])
  const providers = createModelProviders({
    db,
    vault,
    environment: environmentProviders(config.providers),
    checkUrl: (url) => {
      try {
        guard.check(url)
        return undefined
      } catch (error) {
        if (error instanceof GuardedFetchError) return error.message
        throw error
      }
    },
    changes: await shareAnnouncements(signals, 'bellwire_model_providers'),
  })
  return { providers, guard }
}

/** What notices are sent with, and where their settings are kept. */
export function openNotices({
  stack,
  config,
  db,
  vault,
}: {
  stack: AsyncDisposableStack
  config: Config
  db: Database
  vault: Vault
}) {
  const fetch = createGuardedFetch({
    allowPrivateNetworks: config.allowPrivateNetworks,
    timeoutMs: NOTICE_TIMEOUT_MS,
  })
  stack.defer(() => fetch.close())
  const mailer = createMailer(config.mail)
  stack.defer(() => mailer.close())
  return {
    settings: createNoticeSettings({ db, vault, hasMail: config.mail !== undefined }),
    send: createSendToChannel({ fetch, mailer, version: VERSION }),
    mailer,
  }
}

/** Where spans are sent, and under which service name. */
export function tracing(config: Config): TracingOptions {
  return { ...config.tracing, serviceVersion: VERSION }
}

/** Does the work once, however often it is called. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}
