import { resolve } from 'node:path'
import type { Config, Providers, SchemaWithTools } from './config.ts'
import { ConfigError } from './configError.ts'
import { SYSTEM_DIRECTORY } from './dataDir.ts'
import { findMisnamed } from './misnamed.ts'
import { SETTINGS, type Setting } from './settings.ts'

/** Properties of the process that defaults depend on. */
export type Surroundings = {
  root: boolean
  cwd: string
  terminal: boolean
  /** The running command, if it needs DATABASE_URL. */
  needsDatabase?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads settings from one environment, and collects their errors. */
type Reader = {
  faults: string[]
  /** Undefined when the setting is unset or invalid. */
  read<T>(setting: Setting<T>): T | undefined
  /** The default when the value is invalid. */
  readWithDefault<T>(setting: Setting<T> & { default: string }): T
}

/**
 * Reads the environment into one frozen object. Empty values count as unset. Throws {@link ConfigError} with every
 * invalid setting and how to fix it, one per line.
 */
export function loadConfig(env: Environment = process.env, surroundings = ourSurroundings()): Config {
  const reader = createReader(env)
  const config = readConfig(reader, surroundings)
  const faults = [
    ...findMisnamed(
      env,
      Object.values(SETTINGS).map(({ name }) => name),
    ),
    ...reader.faults,
    ...missing(env, surroundings),
  ]
  if (faults.length === 0) return config
  const [first = ''] = faults
  if (faults.length === 1) throw new ConfigError(first)
  throw new ConfigError(
    `${faults.length} settings are invalid.\n${faults.map((line) => `  ${line}`).join('\n')}`,
  )
}

/** The same for a command that needs an external database: fails when DATABASE_URL is unset. */
export function loadConfigFor(command: string, env: Environment = process.env): Config {
  return loadConfig(env, { ...ourSurroundings(), needsDatabase: command })
}

/** The message when a command needs a database and none is configured. */
export function databaseNeeded(command: string): string {
  return `"${command}" needs DATABASE_URL. "serve" runs everything on one machine, database included.`
}

/** Settings that require other settings. */
function missing(env: Environment, { needsDatabase }: Surroundings): string[] {
  const isSet = ({ name }: { name: string }) => Boolean(env[name]?.trim())
  if (!isSet(SETTINGS.databaseUrl)) return needsDatabase === undefined ? [] : [databaseNeeded(needsDatabase)]
  if (isSet(SETTINGS.secretKey)) return []
  return [
    'DATABASE_URL requires BELLWIRE_SECRET_KEY, with the same value for every process on that database. ' +
      'Generate one with "openssl rand -base64 32" and keep it safe.',
  ]
}

function readConfig(reader: Reader, surroundings: Surroundings): Config {
  const { read, readWithDefault } = reader
  const port = readWithDefault(SETTINGS.port)
  const defaultDataDir = surroundings.root ? SYSTEM_DIRECTORY : 'data'
  return Object.freeze({
    port,
    host: readWithDefault(SETTINGS.host),
    publicUrl: read(SETTINGS.publicUrl) ?? `http://localhost:${port}`,
    trustedProxies: read(SETTINGS.trustedProxies) ?? Object.freeze([]),
    metricsPort: readMetricsPort(reader, port),
    databaseUrl: read(SETTINGS.databaseUrl),
    dataDir: resolve(surroundings.cwd, read(SETTINGS.dataDir) ?? defaultDataDir),
    adminKey: read(SETTINGS.adminKey),
    secretKey: read(SETTINGS.secretKey),
    allowPrivateNetworks: read(SETTINGS.allowPrivateNetworks) ?? Object.freeze([]),
    mail: readMail(reader),
    oidc: readOidc(reader),
    mcpCommands: read(SETTINGS.mcpCommands) ?? Object.freeze([]),
    compat: read(SETTINGS.compat),
    corsOrigins: readWithDefault(SETTINGS.corsOrigins),
    ...readBodyLimits(reader),
    rejectionDays: readWithDefault(SETTINGS.rejectionDays),
    keepTasksDays: readWithDefault(SETTINGS.keepTasksDays),
    keepStepsDays: readWithDefault(SETTINGS.keepStepsDays),
    keepAuditDays: readWithDefault(SETTINGS.keepAuditDays),
    maxFollowersPerClient: readWithDefault(SETTINGS.maxFollowersPerClient),
    workerMemoryBytes: readWithDefault(SETTINGS.workerMemoryBytes),
    workerConcurrency: readWithDefault(SETTINGS.workerConcurrency),
    workerLeaseSeconds: readWithDefault(SETTINGS.workerLeaseSeconds),
    shutdownGraceSeconds: readWithDefault(SETTINGS.shutdownGraceSeconds),
    logLevel: readWithDefault(SETTINGS.logLevel),
    logFormat: read(SETTINGS.logFormat) ?? (surroundings.terminal ? 'pretty' : 'json'),
    providers: readProviders(read),
    ollamaUrl: readWithDefault(SETTINGS.ollamaHost),
    tracing: Object.freeze({
      endpoint: read(SETTINGS.tracingEndpoint),
      headers: read(SETTINGS.tracingHeaders) ?? Object.freeze({}),
      serviceName: readWithDefault(SETTINGS.tracingServiceName),
      withContents: readWithDefault(SETTINGS.tracingContents),
    }),
  })
}

function readMetricsPort({ faults, read }: Reader, port: number): number | undefined {
  const metricsPort = read(SETTINGS.metricsPort)
  if (metricsPort === port) faults.push('BELLWIRE_METRICS_PORT must be a different port than PORT.')
  return metricsPort
}

function readMail({ faults, read }: Reader): Config['mail'] {
  const before = faults.length
  const url = read(SETTINGS.smtpUrl)
  const from = read(SETTINGS.mailFrom)
  if (url !== undefined && from !== undefined) return Object.freeze({ url, from })
  if (faults.length === before && (url ?? from) !== undefined) {
    faults.push('BELLWIRE_SMTP_URL and BELLWIRE_MAIL_FROM must be set together: set both, or neither.')
  }
  return undefined
}

function readOidc({ faults, read }: Reader): Config['oidc'] {
  const before = faults.length
  const issuer = read(SETTINGS.oidcIssuer)
  const clientId = read(SETTINGS.oidcClientId)
  const clientSecret = read(SETTINGS.oidcClientSecret)
  const more = {
    roleClaim: read(SETTINGS.oidcRoleClaim),
    defaultRole: read(SETTINGS.oidcDefaultRole),
    emailDomains: read(SETTINGS.oidcEmailDomains) ?? Object.freeze([]),
  }
  if (issuer !== undefined && clientId !== undefined && clientSecret !== undefined) {
    return Object.freeze({ issuer, clientId, clientSecret, ...more })
  }
  const isAnySet =
    [issuer, clientId, clientSecret, more.roleClaim, more.defaultRole].some((value) => value !== undefined) ||
    more.emailDomains.length > 0
  if (faults.length === before && isAnySet) {
    faults.push(
      'Single sign-on needs BELLWIRE_OIDC_ISSUER, BELLWIRE_OIDC_CLIENT_ID and BELLWIRE_OIDC_CLIENT_SECRET: set all three, or no BELLWIRE_OIDC setting.',
    )
  }
  return undefined
}

function readBodyLimits({
  faults,
  readWithDefault,
}: Reader): Pick<Config, 'maxBodyBytes' | 'maxBodyMemoryBytes'> {
  const maxBodyBytes = readWithDefault(SETTINGS.maxBodyBytes)
  const maxBodyMemoryBytes = readWithDefault(SETTINGS.maxBodyMemoryBytes)
  if (maxBodyMemoryBytes < maxBodyBytes) {
    faults.push(
      `BELLWIRE_MAX_BODY_MEMORY_BYTES must be at least BELLWIRE_MAX_BODY_BYTES, ${maxBodyBytes}, not "${maxBodyMemoryBytes}".`,
    )
  }
  return { maxBodyBytes, maxBodyMemoryBytes }
}

function ourSurroundings(): Surroundings {
  return { root: process.getuid?.() === 0, cwd: process.cwd(), terminal: process.stderr.isTTY }
}

function readProviders(read: Reader['read']): Providers {
  const openai = withKey(
    read(SETTINGS.openaiApiKey),
    read(SETTINGS.openaiBaseUrl),
    read(SETTINGS.openaiSchemaWithTools),
  )
  const anthropic = withKey(
    read(SETTINGS.anthropicApiKey),
    read(SETTINGS.anthropicBaseUrl),
    read(SETTINGS.anthropicSchemaWithTools),
  )
  const google = withKey(
    read(SETTINGS.googleApiKey),
    read(SETTINGS.googleBaseUrl),
    read(SETTINGS.googleSchemaWithTools),
  )
  const baseUrl = read(SETTINGS.localBaseUrl)
  const apiKey = read(SETTINGS.localApiKey)
  const schemaWithTools = read(SETTINGS.localSchemaWithTools)
  const images = read(SETTINGS.localImages)
  return Object.freeze({
    ...(openai && { openai }),
    ...(anthropic && { anthropic }),
    ...(google && { google }),
    ...(baseUrl !== undefined && {
      local: Object.freeze({
        baseUrl,
        ...(apiKey !== undefined && { apiKey }),
        ...(schemaWithTools && { schemaWithTools }),
        ...(images && { images }),
      }),
    }),
  })
}

function withKey(
  apiKey: string | undefined,
  baseUrl: string | undefined,
  schemaWithTools: SchemaWithTools | undefined,
) {
  if (apiKey === undefined) return undefined
  return Object.freeze({
    apiKey,
    ...(baseUrl !== undefined && { baseUrl }),
    ...(schemaWithTools && { schemaWithTools }),
  })
}

function createReader(env: Environment): Reader {
  const faults: string[] = []

  function read<T>(setting: Setting<T>): T | undefined {
    const text = env[setting.name]?.trim() || setting.default
    if (text === undefined) return undefined
    try {
      return setting.parse(text)
    } catch (error) {
      const shown = setting.secret ? '' : `, not "${text}"`
      const wanted = error instanceof Error ? error.message : 'valid'
      faults.push(`${setting.name} must be ${wanted}${shown}.`)
      return undefined
    }
  }
  return {
    faults,
    read,
    readWithDefault: (setting) => read(setting) ?? setting.parse(setting.default),
  }
}
