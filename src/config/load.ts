import { resolve } from 'node:path'
import type { Config, Providers, SchemaWithTools } from './config.ts'
import { ConfigError } from './configError.ts'
import { SYSTEM_DIRECTORY } from './dataDir.ts'
import { nearest } from './nearest.ts'
import { SETTINGS, type Setting } from './settings.ts'

const PREFIX = 'BELLWIRE_'

/** Facts about the process that defaults depend on. */
export type Surroundings = { root: boolean; cwd: string; terminal: boolean }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the environment into one frozen object. Empty values count as unset. Throws {@link ConfigError},
 * one line that says which setting is wrong and how to mend it.
 */
export function loadConfig(env: Environment = process.env, surroundings = ourSurroundings()): Config {
  refuseUnknown(env)
  const databaseUrl = read(env, SETTINGS.databaseUrl)
  const secretKey = read(env, SETTINGS.secretKey)
  if (databaseUrl !== undefined && secretKey === undefined) {
    throw new ConfigError(
      'DATABASE_URL needs BELLWIRE_SECRET_KEY beside it: the same value for every process on that database. ' +
        'Make one with "openssl rand -base64 32" and keep it safe.',
    )
  }
  const port = readWithDefault(env, SETTINGS.port)
  const defaultDataDir = surroundings.root ? SYSTEM_DIRECTORY : 'data'
  return Object.freeze({
    port,
    host: readWithDefault(env, SETTINGS.host),
    publicUrl: read(env, SETTINGS.publicUrl) ?? `http://localhost:${port}`,
    databaseUrl,
    dataDir: resolve(surroundings.cwd, read(env, SETTINGS.dataDir) ?? defaultDataDir),
    adminKey: read(env, SETTINGS.adminKey),
    secretKey,
    allowPrivateNetworks: read(env, SETTINGS.allowPrivateNetworks) ?? Object.freeze([]),
    mcpCommands: read(env, SETTINGS.mcpCommands) ?? Object.freeze([]),
    maxBodyBytes: readWithDefault(env, SETTINGS.maxBodyBytes),
    answerMemoryBytes: readWithDefault(env, SETTINGS.answerMemoryBytes),
    workerConcurrency: readWithDefault(env, SETTINGS.workerConcurrency),
    workerLeaseSeconds: readWithDefault(env, SETTINGS.workerLeaseSeconds),
    shutdownGraceSeconds: readWithDefault(env, SETTINGS.shutdownGraceSeconds),
    logLevel: readWithDefault(env, SETTINGS.logLevel),
    logFormat: read(env, SETTINGS.logFormat) ?? (surroundings.terminal ? 'pretty' : 'json'),
    providers: readProviders(env),
    ollamaUrl: readWithDefault(env, SETTINGS.ollamaHost),
    tracing: Object.freeze({
      endpoint: read(env, SETTINGS.tracingEndpoint),
      headers: read(env, SETTINGS.tracingHeaders) ?? Object.freeze({}),
      serviceName: readWithDefault(env, SETTINGS.tracingServiceName),
      withContents: readWithDefault(env, SETTINGS.tracingContents),
    }),
  })
}

function ourSurroundings(): Surroundings {
  return { root: process.getuid?.() === 0, cwd: process.cwd(), terminal: process.stderr.isTTY }
}

function readProviders(env: Environment): Providers {
  const openai = withKey(
    read(env, SETTINGS.openaiApiKey),
    read(env, SETTINGS.openaiBaseUrl),
    read(env, SETTINGS.openaiSchemaWithTools),
  )
  const anthropic = withKey(
    read(env, SETTINGS.anthropicApiKey),
    read(env, SETTINGS.anthropicBaseUrl),
    read(env, SETTINGS.anthropicSchemaWithTools),
  )
  const google = withKey(
    read(env, SETTINGS.googleApiKey),
    read(env, SETTINGS.googleBaseUrl),
    read(env, SETTINGS.googleSchemaWithTools),
  )
  const baseUrl = read(env, SETTINGS.localBaseUrl)
  const apiKey = read(env, SETTINGS.localApiKey)
  const schemaWithTools = read(env, SETTINGS.localSchemaWithTools)
  return Object.freeze({
    ...(openai && { openai }),
    ...(anthropic && { anthropic }),
    ...(google && { google }),
    ...(baseUrl !== undefined && {
      local: Object.freeze({
        baseUrl,
        ...(apiKey !== undefined && { apiKey }),
        ...(schemaWithTools && { schemaWithTools }),
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

function read<T>(env: Environment, setting: Setting<T>): T | undefined {
  const text = env[setting.name]?.trim() || setting.default
  if (text === undefined) return undefined
  try {
    return setting.parse(text)
  } catch (error) {
    const shown = setting.secret ? '' : `, not "${text}"`
    const wanted = error instanceof Error ? error.message : 'valid'
    throw new ConfigError(`${setting.name} must be ${wanted}${shown}.`)
  }
}

function readWithDefault<T>(env: Environment, setting: Setting<T> & { default: string }): T {
  return read(env, setting) ?? setting.parse(setting.default)
}

function refuseUnknown(env: Environment): void {
  const known = Object.values(SETTINGS).map((setting) => setting.name)
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || known.includes(name) || !value?.trim()) continue
    const suggestion = nearest(name, known)
    const advice = suggestion ? `did you mean ${suggestion}?` : 'docs/configuration.md lists them all.'
    throw new ConfigError(`There is no setting ${name}; ${advice}`)
  }
}
