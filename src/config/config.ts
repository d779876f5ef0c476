import type { Role } from '../contract/role.ts'

/** All settings from the environment, read once at start, validated and frozen. */
export type Config = Readonly<{
  port: number
  host: string
  /** Base of the URLs in responses; without a trailing slash. */
  publicUrl: string
  /** CIDR ranges of proxies whose X-Forwarded-For, -Proto and -Host count. */
  trustedProxies: readonly string[]
  /** Port of a listener for metrics alone, which asks for no key; absent: there is none. */
  metricsPort: number | undefined
  /** Absent: the embedded server is used. */
  databaseUrl: string | undefined
  /** Absolute path: embedded database, generated keys. */
  dataDir: string
  adminKey: string | undefined
  secretKey: string | undefined
  /** CIDR ranges that tools and callbacks may reach although they are not public. */
  allowPrivateNetworks: readonly string[]
  /** How mail is sent; absent: it is not. */
  mail: Readonly<{ url: string; from: string }> | undefined
  /** Single sign-on; absent: there is none. */
  oidc: Oidc | undefined
  /** Programs, with the arguments that they must start with, that agents may run as MCP servers. */
  mcpCommands: readonly string[]
  /** Answer existing clients as this other server does. */
  compat: 'docsgpt' | undefined
  /** Origins whose pages may call the routes that need no key: all, or those listed. */
  corsOrigins: '*' | readonly string[]
  maxBodyBytes: number
  /** For the bodies of requests being received or accepted, in total. */
  maxBodyMemoryBytes: number
  /** Days for which requests that started no task are kept. */
  rejectionDays: number
  /** Days for which tasks that have ended are kept; Infinity: forever. */
  keepTasksDays: number
  /** Days for which inputs and outputs of steps are kept; Infinity: forever. */
  keepStepsDays: number
  /** Days for which the audit log is kept; Infinity: forever. */
  keepAuditDays: number
  /** Streams of events that one client address may have open. */
  maxFollowersPerClient: number
  /** Bytes that the runs of one worker process may hold in memory. */
  workerMemoryBytes: number
  /** Runs at the same time in one worker process. */
  workerConcurrency: number
  /** A worker that sends no heartbeat for this long loses its tasks. */
  workerLeaseSeconds: number
  /** How long a stopping process lets running tasks finish. */
  shutdownGraceSeconds: number
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  logFormat: 'pretty' | 'json'
  providers: Providers
  /** Where to look for an Ollama when no provider is configured. */
  ollamaUrl: string
  tracing: Tracing
}>

/** An OpenID Connect provider, and who may sign in there. */
export type Oidc = Readonly<{
  issuer: string
  clientId: string
  clientSecret: string
  /** The claim that says the role of a user; absent: roles are given here. */
  roleClaim: string | undefined
  /** The role of new users whom nobody has invited; absent: they are refused. */
  defaultRole: Role | undefined
  /** Domains of email addresses that may sign in, in lower case; empty: all. */
  emailDomains: readonly string[]
}>

/** Where spans are sent, and what they may contain. */
export type Tracing = Readonly<{
  /** Base URL of a collector; absent: nothing is traced. */
  endpoint: string | undefined
  headers: Readonly<Record<string, string>>
  serviceName: string
  withContents: boolean
}>

/** Connection settings of each model provider configured in the environment. */
export type Providers = Readonly<{
  openai?: KeyedProvider
  anthropic?: KeyedProvider
  google?: KeyedProvider
  /** Any server that speaks the OpenAI chat-completions format. */
  local?: {
    baseUrl: string
    apiKey?: string
    schemaWithTools?: SchemaWithTools
    images?: ImagesSetting
  }
}>

/** Whether models are sent images that tools give back. */
export type ImagesSetting = 'always' | 'never'

type KeyedProvider = { apiKey: string; baseUrl?: string; schemaWithTools?: SchemaWithTools }

/**
 * How an output schema is sent to a model that also has tools: as a response format beside them, or in the prompt, for
 * servers that do not support both.
 */
export type SchemaWithTools = 'response_format' | 'prompt'
