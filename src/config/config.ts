/** Everything that the environment decides, read once at start, validated and frozen. */
export type Config = Readonly<{
  port: number
  host: string
  /** Base of the URLs that are handed out; no slash at its end. */
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
  /** Programs, with the arguments that they must begin with, that agents may start as MCP servers. */
  mcpCommands: readonly string[]
  /** Origins whose pages may call the routes that need no key: all, or those listed. */
  corsOrigins: '*' | readonly string[]
  maxBodyBytes: number
  /** For the bodies of requests that are being received or accepted, all together. */
  maxBodyMemoryBytes: number
  /** Days for which requests that started no task are kept. */
  rejectionDays: number
  /** Streams of events that one client address may have open. */
  maxFollowersPerClient: number
  /** Bytes of model answers that one worker process holds while they arrive. */
  answerMemoryBytes: number
  /** Runs at the same time in one worker process. */
  workerConcurrency: number
  /** A worker that has not been heard of for so long has lost its tasks. */
  workerLeaseSeconds: number
  /** How long a stopping process lets running tasks finish. */
  shutdownGraceSeconds: number
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  logFormat: 'pretty' | 'json'
  providers: Providers
  /** Where an Ollama would be found when no provider is configured. */
  ollamaUrl: string
  tracing: Tracing
}>

/** Where spans go, and what they may hold. */
export type Tracing = Readonly<{
  /** Base URL of a collector; absent: nothing is traced. */
  endpoint: string | undefined
  headers: Readonly<Record<string, string>>
  serviceName: string
  withContents: boolean
}>

/** Connection facts of each model provider that the environment configures. */
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
 * How an output schema reaches a model that has tools, too: as a response format beside them, or in the prompt, for
 * servers that cannot do both.
 */
export type SchemaWithTools = 'response_format' | 'prompt'
