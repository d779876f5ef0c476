import { ROLES } from '../contract/roleOrder.ts'
import {
  anyText,
  ollamaUrl,
  baseUrl,
  commands,
  domains,
  daysOrForever,
  headerList,
  hostName,
  integer,
  issuerUrl,
  mailSender,
  networks,
  oneOf,
  origins,
  postgresUrl,
  proxyNetworks,
  secretText,
  smtpUrl,
  truth,
  seconds,
  type Parser,
} from './parsers.ts'

/** One environment variable: its name, its default, its purpose, how it is parsed. */
export type Setting<T> = {
  name: string
  /** As text, parsed like any other value. Absent: the setting is undefined when unset. */
  default?: string
  /** The default as shown in docs/configuration.md, where it is not a single value. */
  defaultText?: string
  description: string
  parse: Parser<T>
  /** Never include its value in a message. */
  secret?: true
}

/** All settings. docs/configuration.md contains this table. */
export const SETTINGS = {
  port: setting({
    name: 'PORT',
    default: '7091',
    description: 'Port that the server listens on.',
    parse: integer(1, 65_535),
  }),
  host: setting({
    name: 'HOST',
    default: '127.0.0.1',
    description: 'Address that the server listens on; 0.0.0.0 for all.',
    parse: hostName,
  }),
  publicUrl: setting({
    name: 'BELLWIRE_PUBLIC_URL',
    defaultText: 'http://localhost:PORT',
    description: 'Base of the URLs in responses: how clients reach the server.',
    parse: baseUrl,
  }),
  trustedProxies: setting({
    name: 'BELLWIRE_TRUSTED_PROXIES',
    defaultText: 'none',
    description:
      'Comma-separated CIDR ranges of reverse proxies. Requests from them count as those of the client in ' +
      'X-Forwarded-For; from anybody else, X-Forwarded headers are ignored.',
    parse: proxyNetworks,
  }),
  metricsPort: setting({
    name: 'BELLWIRE_METRICS_PORT',
    defaultText: 'none',
    description:
      'Port of a listener on HOST for `/metrics` alone, which needs no key: keep it private. On PORT, `/metrics` ' +
      'needs an admin key.',
    parse: integer(1, 65_535),
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    defaultText: 'the embedded PostgreSQL',
    description: 'PostgreSQL 15 or newer. Requires BELLWIRE_SECRET_KEY.',
    parse: postgresUrl,
    secret: true,
  }),
  dataDir: setting({
    name: 'BELLWIRE_DATA_DIR',
    defaultText: './data; as root, /var/lib/bellwire',
    description: 'Directory of the embedded database and of generated keys.',
    parse: anyText,
  }),
  adminKey: setting({
    name: 'BELLWIRE_ADMIN_KEY',
    defaultText: 'generated at the first start and printed once',
    description: 'API key with the scope admin; at least 8 characters.',
    parse: secretText(8),
    secret: true,
  }),
  secretKey: setting({
    name: 'BELLWIRE_SECRET_KEY',
    defaultText: 'the file secret-key in the data directory, generated at the first start',
    description: 'Encrypts secrets and tokens in the database; at least 16 characters.',
    parse: secretText(16),
    secret: true,
  }),
  allowPrivateNetworks: setting({
    name: 'BELLWIRE_ALLOW_PRIVATE_NETWORKS',
    defaultText: 'none',
    description:
      'Comma-separated CIDR ranges that are not public and that tools and callbacks may reach anyway.',
    parse: networks,
  }),
  smtpUrl: setting({
    name: 'BELLWIRE_SMTP_URL',
    defaultText: 'no mail',
    description:
      'Mail server for replies, notices, invitations and password links by email: smtp://USER:PASSWORD@HOST:587, or smtps:// for TLS from the start. Requires BELLWIRE_MAIL_FROM.',
    parse: smtpUrl,
    secret: true,
  }),
  mailFrom: setting({
    name: 'BELLWIRE_MAIL_FROM',
    description: 'Sender of mail, such as Bellwire <bellwire@example.com>.',
    parse: mailSender,
  }),
  oidcIssuer: setting({
    name: 'BELLWIRE_OIDC_ISSUER',
    defaultText: 'no single sign-on',
    description:
      'URL of the OpenID Connect provider, as its discovery document says it. Requires BELLWIRE_OIDC_CLIENT_ID and BELLWIRE_OIDC_CLIENT_SECRET.',
    parse: issuerUrl,
  }),
  oidcClientId: setting({
    name: 'BELLWIRE_OIDC_CLIENT_ID',
    description: 'Client ID of Bellwire at that provider.',
    parse: anyText,
  }),
  oidcClientSecret: setting({
    name: 'BELLWIRE_OIDC_CLIENT_SECRET',
    description: 'Client secret of Bellwire at that provider.',
    parse: secretText(1),
    secret: true,
  }),
  oidcRoleClaim: setting({
    name: 'BELLWIRE_OIDC_ROLE_CLAIM',
    defaultText: 'roles are given in Bellwire',
    description:
      'Claim that decides the role of a user at each sign-in: owner, editor, approver or viewer, or a list with one of them.',
    parse: anyText,
  }),
  oidcDefaultRole: setting({
    name: 'BELLWIRE_OIDC_DEFAULT_ROLE',
    defaultText: 'only people who were invited',
    description: 'Role of people who sign in without an invitation, or without a role in the claim.',
    parse: oneOf(...ROLES),
  }),
  oidcEmailDomains: setting({
    name: 'BELLWIRE_OIDC_EMAIL_DOMAINS',
    defaultText: 'all',
    description: 'Comma-separated domains of email addresses that may sign in, such as example.com.',
    parse: domains,
  }),
  mcpCommands: setting({
    name: 'BELLWIRE_MCP_COMMANDS',
    defaultText: 'none',
    description:
      'Comma-separated commands that agents may start as MCP servers; one with arguments allows only calls that ' +
      'begin with them.',
    parse: commands,
  }),
  compat: setting({
    name: 'BELLWIRE_COMPAT',
    defaultText: 'none',
    description: 'docsgpt: answer the clients of DocsGPT webhooks as DocsGPT does. See docs/from-docsgpt.md.',
    parse: oneOf('docsgpt'),
  }),
  corsOrigins: setting({
    name: 'BELLWIRE_CORS_ORIGINS',
    default: '*',
    description:
      'Origins whose pages may call webhooks and read task status, events and cancel links: *, none, or a ' +
      'comma-separated list such as https://shop.example.com.',
    parse: origins,
  }),
  maxBodyBytes: setting({
    name: 'BELLWIRE_MAX_BODY_BYTES',
    default: '26214400',
    description:
      'Maximum body size of a webhook request. For other requests it is this or 8 MiB, whichever is less.',
    parse: integer(1024, 1024 * 1024 * 1024),
  }),
  maxBodyMemoryBytes: setting({
    name: 'BELLWIRE_MAX_BODY_MEMORY_BYTES',
    default: '268435456',
    description:
      'Total memory for the bodies of requests being received or accepted. Beyond it, requests get 503 with ' +
      'Retry-After. At least BELLWIRE_MAX_BODY_BYTES.',
    parse: integer(1024, 64 * 1024 * 1024 * 1024),
  }),
  rejectionDays: setting({
    name: 'BELLWIRE_REJECTION_DAYS',
    default: '14',
    description: 'Days to keep requests that started no task, within limits for rows and bytes.',
    parse: integer(1, 3650),
  }),
  keepTasksDays: setting({
    name: 'BELLWIRE_KEEP_TASKS_DAYS',
    default: '90',
    description:
      'Days to keep ended tasks and everything that belongs to them: a whole number, or forever. An agent can set its own (keep_days).',
    parse: daysOrForever,
  }),
  keepStepsDays: setting({
    name: 'BELLWIRE_KEEP_STEPS_DAYS',
    default: '30',
    description: 'Days to keep the inputs and outputs of steps: a whole number, or forever.',
    parse: daysOrForever,
  }),
  keepAuditDays: setting({
    name: 'BELLWIRE_KEEP_AUDIT_DAYS',
    default: '365',
    description: 'How many days the audit log is kept: a whole number, or forever.',
    parse: daysOrForever,
  }),
  maxFollowersPerClient: setting({
    name: 'BELLWIRE_MAX_FOLLOWERS_PER_CLIENT',
    default: '1000',
    description:
      'Event streams that one client address may have open; as many requests may also wait for tasks. Behind a proxy that is not in BELLWIRE_TRUSTED_PROXIES, all clients share its address.',
    parse: integer(1, 1_000_000),
  }),
  workerMemoryBytes: setting({
    name: 'BELLWIRE_WORKER_MEMORY_BYTES',
    default: '536870912',
    description:
      'Bytes of payloads, attachments, journals, tool results and model answers that one worker process holds at a time; beyond that, runs wait.',
    parse: integer(1024 * 1024, 1024 * 1024 * 1024 * 1024),
  }),
  workerConcurrency: setting({
    name: 'BELLWIRE_WORKER_CONCURRENCY',
    default: '50',
    description: 'Concurrent runs in one worker process.',
    parse: integer(1, 10_000),
  }),
  workerLeaseSeconds: setting({
    name: 'BELLWIRE_WORKER_LEASE_SECONDS',
    default: '15',
    description:
      'A worker that sends no heartbeat for this long loses its tasks. Set the same value for all workers: each applies its own to the others.',
    parse: seconds(1, 3600),
  }),
  shutdownGraceSeconds: setting({
    name: 'BELLWIRE_SHUTDOWN_GRACE_SECONDS',
    default: '25',
    description: 'How long a stopping process lets running tasks finish before it hands them back.',
    parse: seconds(0, 3600),
  }),
  logLevel: setting({
    name: 'BELLWIRE_LOG_LEVEL',
    default: 'info',
    description: 'trace, debug, info, warn or error.',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error'),
  }),
  logFormat: setting({
    name: 'BELLWIRE_LOG_FORMAT',
    defaultText: 'pretty on a terminal, else json',
    description: 'pretty or json.',
    parse: oneOf('pretty', 'json'),
  }),
  openaiApiKey: setting({
    name: 'OPENAI_API_KEY',
    description: 'Key for models named openai/….',
    parse: secretText(1),
    secret: true,
  }),
  openaiBaseUrl: setting({
    name: 'OPENAI_BASE_URL',
    defaultText: "the provider's",
    description: 'Base URL of the OpenAI API, including the version.',
    parse: baseUrl,
  }),
  openaiSchemaWithTools: setting({
    name: 'OPENAI_SCHEMA_WITH_TOOLS',
    defaultText: '`response_format`',
    description:
      'How an output_schema is sent along with tools: response_format, or prompt for servers that cannot do both.',
    parse: oneOf('response_format', 'prompt'),
  }),
  anthropicApiKey: setting({
    name: 'ANTHROPIC_API_KEY',
    description: 'Key for models named anthropic/….',
    parse: secretText(1),
    secret: true,
  }),
  anthropicBaseUrl: setting({
    name: 'ANTHROPIC_BASE_URL',
    defaultText: "the provider's",
    description: 'Base URL of the Anthropic API, including the version.',
    parse: baseUrl,
  }),
  anthropicSchemaWithTools: setting({
    name: 'ANTHROPIC_SCHEMA_WITH_TOOLS',
    defaultText: '`response_format`',
    description: 'The same for models named anthropic/….',
    parse: oneOf('response_format', 'prompt'),
  }),
  googleApiKey: setting({
    name: 'GOOGLE_GENERATIVE_AI_API_KEY',
    description: 'Key for models named google/….',
    parse: secretText(1),
    secret: true,
  }),
  googleBaseUrl: setting({
    name: 'GOOGLE_GENERATIVE_AI_BASE_URL',
    defaultText: "the provider's",
    description: 'Base URL of the Gemini API, including the version.',
    parse: baseUrl,
  }),
  googleSchemaWithTools: setting({
    name: 'GOOGLE_SCHEMA_WITH_TOOLS',
    defaultText: '`prompt`',
    description: 'The same for models named google/….',
    parse: oneOf('response_format', 'prompt'),
  }),
  localBaseUrl: setting({
    name: 'LOCAL_MODEL_BASE_URL',
    description:
      'Base URL of an OpenAI-compatible server for models named local/…, such as http://localhost:11434/v1.',
    parse: baseUrl,
  }),
  localApiKey: setting({
    name: 'LOCAL_MODEL_API_KEY',
    description: 'Key for that server, if it needs one.',
    parse: secretText(1),
    secret: true,
  }),
  localSchemaWithTools: setting({
    name: 'LOCAL_MODEL_SCHEMA_WITH_TOOLS',
    defaultText: '`prompt`',
    description: 'The same for models named local/….',
    parse: oneOf('response_format', 'prompt'),
  }),
  localImages: setting({
    name: 'LOCAL_MODEL_IMAGES',
    defaultText: "by the model's name",
    description: 'Whether models named local/… are sent images that tools return: `always` or `never`.',
    parse: oneOf('always', 'never'),
  }),
  ollamaHost: setting({
    name: 'OLLAMA_HOST',
    default: '127.0.0.1:11434',
    description: 'Where `npm start` looks for Ollama when no provider is configured.',
    parse: ollamaUrl,
  }),
  tracingEndpoint: setting({
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    defaultText: 'no traces',
    description: 'Base URL of an OpenTelemetry collector that takes OTLP over HTTP; spans are sent there.',
    parse: baseUrl,
  }),
  tracingHeaders: setting({
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    description: 'Headers for the collector: comma-separated name=value pairs.',
    parse: headerList,
    secret: true,
  }),
  tracingServiceName: setting({
    name: 'OTEL_SERVICE_NAME',
    default: 'bellwire',
    description: 'Name of this installation in traces.',
    parse: anyText,
  }),
  tracingContents: setting({
    name: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    default: 'false',
    description: 'Whether traces include prompts, answers, arguments and results: true or false.',
    parse: truth,
  }),
}

function setting<T>(fields: Setting<T> & { default: string }): Setting<T> & { default: string }
function setting<T>(fields: Setting<T>): Setting<T> & { default?: never }
function setting<T>(fields: Setting<T>): Setting<T> {
  return fields
}
