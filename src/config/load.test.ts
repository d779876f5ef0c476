import { describe, expect, it } from 'vitest'
import { ConfigError } from './configError.ts'
import { loadConfig } from './load.ts'

const surroundings = { root: false, cwd: '/srv/bellwire', terminal: false }
const BELLWIRE_SECRET_KEY = 'sixteen-or-more-characters'
const load = (env: Record<string, string>) => loadConfig(env, surroundings)

describe('loadConfig', () => {
  it('has a default for everything', () => {
    expect(load({})).toEqual({
      port: 7091,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:7091',
      trustedProxies: [],
      metricsPort: undefined,
      databaseUrl: undefined,
      dataDir: '/srv/bellwire/data',
      adminKey: undefined,
      secretKey: undefined,
      allowPrivateNetworks: [],
      mcpCommands: [],
      compat: undefined,
      corsOrigins: '*',
      maxBodyBytes: 26_214_400,
      maxBodyMemoryBytes: 268_435_456,
      rejectionDays: 14,
      keepTasksDays: 90,
      keepStepsDays: 30,
      keepAuditDays: 365,
      maxFollowersPerClient: 1_000,
      workerMemoryBytes: 536_870_912,
      workerConcurrency: 50,
      workerLeaseSeconds: 15,
      shutdownGraceSeconds: 25,
      logLevel: 'info',
      logFormat: 'json',
      providers: {},
      ollamaUrl: 'http://127.0.0.1:11434',
      tracing: { endpoint: undefined, headers: {}, serviceName: 'bellwire', withContents: false },
    })
  })

  it('keeps the data of root in the system directory, and writes for people on a terminal', () => {
    const config = loadConfig({}, { root: true, cwd: '/', terminal: true })
    expect(config).toMatchObject({ dataDir: '/var/lib/bellwire', logFormat: 'pretty' })
  })

  it('reads every setting', () => {
    const config = load({
      PORT: '8080',
      HOST: '0.0.0.0',
      DATABASE_URL: 'postgres://me:pw@db/bellwire',
      BELLWIRE_DATA_DIR: 'elsewhere',
      BELLWIRE_PUBLIC_URL: 'https://bells.example.com/base/',
      BELLWIRE_OIDC_ISSUER: 'https://login.example.com/realms/x/',
      BELLWIRE_OIDC_CLIENT_ID: 'bellwire',
      BELLWIRE_OIDC_CLIENT_SECRET: 'client-secret',
      BELLWIRE_OIDC_ROLE_CLAIM: 'groups',
      BELLWIRE_OIDC_DEFAULT_ROLE: 'viewer',
      BELLWIRE_OIDC_EMAIL_DOMAINS: 'Example.com, example.org',
      BELLWIRE_ADMIN_KEY: 'an-admin-key-of-ours',
      BELLWIRE_SECRET_KEY: 'sixteen-or-more-characters',
      BELLWIRE_ALLOW_PRIVATE_NETWORKS: '10.0.0.0/8, fd00::/8 127.0.0.1',
      BELLWIRE_TRUSTED_PROXIES: '127.0.0.1, 10.1.0.0/16',
      BELLWIRE_METRICS_PORT: '9464',
      BELLWIRE_MCP_COMMANDS: 'uvx, npx  -y some-server,',
      BELLWIRE_COMPAT: 'docsgpt',
      BELLWIRE_CORS_ORIGINS: 'https://Shop.example:443/, http://localhost:3000 capacitor://localhost',
      BELLWIRE_MAX_BODY_BYTES: '2048',
      BELLWIRE_MAX_BODY_MEMORY_BYTES: '4096',
      BELLWIRE_KEEP_TASKS_DAYS: '400',
      BELLWIRE_KEEP_STEPS_DAYS: 'forever',
      BELLWIRE_KEEP_AUDIT_DAYS: '400',
      BELLWIRE_WORKER_CONCURRENCY: '7',
      BELLWIRE_WORKER_LEASE_SECONDS: '2.5',
      BELLWIRE_SHUTDOWN_GRACE_SECONDS: '0',
      BELLWIRE_LOG_LEVEL: 'debug',
      BELLWIRE_LOG_FORMAT: 'pretty',
      OPENAI_API_KEY: 'sk-1',
      ANTHROPIC_API_KEY: 'sk-2',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9/v1',
      GOOGLE_GENERATIVE_AI_API_KEY: 'sk-3',
      LOCAL_MODEL_BASE_URL: 'http://localhost:11434/v1',
      LOCAL_MODEL_SCHEMA_WITH_TOOLS: 'response_format',
      LOCAL_MODEL_IMAGES: 'never',
      OLLAMA_HOST: '0.0.0.0',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-team = a=b',
      OTEL_SERVICE_NAME: 'bells',
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    })
    expect(config).toEqual({
      port: 8080,
      host: '0.0.0.0',
      trustedProxies: ['127.0.0.1/32', '10.1.0.0/16'],
      metricsPort: 9464,
      databaseUrl: 'postgres://me:pw@db/bellwire',
      dataDir: '/srv/bellwire/elsewhere',
      publicUrl: 'https://bells.example.com/base',
      adminKey: 'an-admin-key-of-ours',
      secretKey: 'sixteen-or-more-characters',
      allowPrivateNetworks: ['10.0.0.0/8', 'fd00::/8', '127.0.0.1/32'],
      mcpCommands: ['uvx', 'npx -y some-server'],
      compat: 'docsgpt',
      corsOrigins: ['https://shop.example', 'http://localhost:3000', 'capacitor://localhost'],
      maxBodyBytes: 2048,
      maxBodyMemoryBytes: 4096,
      rejectionDays: 14,
      keepTasksDays: 400,
      keepStepsDays: Infinity,
      keepAuditDays: 400,
      oidc: {
        issuer: 'https://login.example.com/realms/x/',
        clientId: 'bellwire',
        clientSecret: 'client-secret',
        roleClaim: 'groups',
        defaultRole: 'viewer',
        emailDomains: ['example.com', 'example.org'],
      },
      maxFollowersPerClient: 1_000,
      workerMemoryBytes: 536_870_912,
      workerConcurrency: 7,
      workerLeaseSeconds: 2.5,
      shutdownGraceSeconds: 0,
      logLevel: 'debug',
      logFormat: 'pretty',
      providers: {
        openai: { apiKey: 'sk-1' },
        anthropic: { apiKey: 'sk-2', baseUrl: 'http://127.0.0.1:9/v1' },
        google: { apiKey: 'sk-3' },
        local: { baseUrl: 'http://localhost:11434/v1', schemaWithTools: 'response_format', images: 'never' },
      },
      ollamaUrl: 'http://127.0.0.1:11434',
      tracing: {
        endpoint: 'http://127.0.0.1:4318',
        headers: { authorization: 'Bearer abc', 'x-team': 'a=b' },
        serviceName: 'bells',
        withContents: true,
      },
    })
  })

  it('gives an object that nobody changes, down to its leaves', () => {
    const config = load({ OPENAI_API_KEY: 'sk-1', BELLWIRE_ALLOW_PRIVATE_NETWORKS: '10.0.0.0/8' })
    const parts = [config, config.providers, config.providers.openai, config.allowPrivateNetworks]
    expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true])
  })

  it('takes empty values as unset', () => {
    const names = ['PORT', 'DATABASE_URL', 'BELLWIRE_SECRET_KEY', 'OPENAI_API_KEY', 'BELLWIRE_NO_SUCH_THING']
    expect(load(Object.fromEntries(names.map((name) => [name, ' '])))).toEqual(load({}))
  })

  it.each<[Record<string, string>, string]>([
    [{ PORT: '70000' }, 'PORT must be a whole number from 1 to 65535, not "70000".'],
    [{ PORT: '0' }, 'PORT must be a whole number'],
    [{ PORT: '7e3' }, 'PORT must be a whole number'],
    [{ HOST: 'http://localhost' }, 'HOST must be an IP address or a host name'],
    [{ BELLWIRE_PUBLIC_URL: 'bells.example.com' }, 'BELLWIRE_PUBLIC_URL must be an http or https URL'],
    [
      { BELLWIRE_ALLOW_PRIVATE_NETWORKS: '10.0.0.0/33' },
      'must be comma-separated IP addresses or CIDR ranges',
    ],
    [{ BELLWIRE_ALLOW_PRIVATE_NETWORKS: 'localhost' }, 'must be comma-separated IP addresses or CIDR ranges'],
    [{ BELLWIRE_TRUSTED_PROXIES: 'nginx' }, 'must be comma-separated IP addresses or CIDR ranges'],
    [{ BELLWIRE_TRUSTED_PROXIES: '0.0.0.0/0' }, 'must be only the ranges of your proxies'],
    [{ BELLWIRE_METRICS_PORT: '7091' }, 'BELLWIRE_METRICS_PORT must be a different port than PORT.'],
    [{ BELLWIRE_COMPAT: 'celery' }, 'BELLWIRE_COMPAT must be one of docsgpt, not "celery"'],
    [
      { BELLWIRE_CORS_ORIGINS: 'shop.example' },
      'BELLWIRE_CORS_ORIGINS must be *, none, or comma-separated origins',
    ],
    [{ BELLWIRE_CORS_ORIGINS: 'https://*.example' }, 'must be *, none, or comma-separated origins'],
    [{ BELLWIRE_CORS_ORIGINS: 'https://a.example/path' }, 'must be *, none, or comma-separated origins'],
    [{ BELLWIRE_LOG_LEVEL: 'loud' }, 'must be one of trace, debug, info, warn, error, not "loud".'],
    [{ BELLWIRE_WORKER_LEASE_SECONDS: '0' }, 'must be a number of seconds from 1 to 3600'],
    [{ BELLWIRE_ADMIN_KEY: 'with a space' }, 'BELLWIRE_ADMIN_KEY must be at least 8 printable'],
    [{ BELLWIRE_SECRET_KEY: 'short' }, 'BELLWIRE_SECRET_KEY must be at least 16 printable'],
    [
      { BELLWIRE_MAX_BODY_MEMORY_BYTES: '1048576' },
      'BELLWIRE_MAX_BODY_MEMORY_BYTES must be at least BELLWIRE_MAX_BODY_BYTES, 26214400, not "1048576".',
    ],
    [
      { DATABASE_URL: 'mysql://u:hunter2@h/d', BELLWIRE_SECRET_KEY },
      'DATABASE_URL must be a URL such as postgresql://',
    ],
    [{ DATABASE_URL: 'postgres://localhost/bellwire' }, 'DATABASE_URL requires BELLWIRE_SECRET_KEY'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'must be an http or https URL'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' }, 'must be comma-separated name=value pairs'],
    [{ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'yes' }, 'must be true or false, not "yes"'],
    [{ DATABASE_URL: 'postgres://u:hunter2@h:port/d', BELLWIRE_SECRET_KEY }, 'percent-encoded.'],
    [
      { LOCAL_MODEL_BASEURL: 'http://x' },
      'There is no setting LOCAL_MODEL_BASEURL; did you mean LOCAL_MODEL_BASE_URL?',
    ],
    [{ BELLWIRE_DATADIR: '/tmp' }, 'There is no setting BELLWIRE_DATADIR; did you mean BELLWIRE_DATA_DIR?'],
    [{ BELLWIRE_OIDC_ISSUER: 'https://login.example' }, 'Single sign-on needs BELLWIRE_OIDC_ISSUER, '],
    [{ BELLWIRE_OIDC_DEFAULT_ROLE: 'viewer' }, 'set all three, or no BELLWIRE_OIDC setting.'],
    [{ BELLWIRE_OIDC_ISSUER: 'http://login.example' }, 'BELLWIRE_OIDC_ISSUER must be an https URL'],
    [{ BELLWIRE_OIDC_DEFAULT_ROLE: 'admin' }, 'must be one of viewer, approver, editor, owner, not "admin"'],
    [{ BELLWIRE_OIDC_EMAIL_DOMAINS: '@example.com' }, 'must be domain names between commas'],
    [{ BELLWIRE_TEAPOT_BREWING_TEMPERATURE: '1' }, 'docs/configuration.md lists them all.'],
  ])('refuses %o', (env, message) => {
    const refused = () => load(env)
    expect(refused).toThrow(ConfigError)
    expect(refused).toThrow(message)
    expect(refused).not.toThrow(/\n|hunter2|with a space|"short"/)
  })

  it('names everything that is wrong at once', () => {
    const env = { PORT: 'http', BELLWIRE_DATADIR: '/tmp', DATABASE_URI: 'x', BELLWIRE_ADMIN_KEY: 'hunter2' }
    expect(() => load(env)).toThrow(
      new ConfigError(
        [
          '4 settings are invalid.',
          '  There is no setting BELLWIRE_DATADIR; did you mean BELLWIRE_DATA_DIR?',
          '  There is no setting DATABASE_URI; did you mean DATABASE_URL? Rename it, or unset it for Bellwire.',
          '  PORT must be a whole number from 1 to 65535, not "http".',
          '  BELLWIRE_ADMIN_KEY must be at least 8 printable ASCII characters without spaces.',
        ].join('\n'),
      ),
    )
  })

  it('says that a command needs a database, beside what else is wrong', () => {
    const needy = { ...surroundings, needsDatabase: 'worker' }
    expect(() => loadConfig({}, needy)).toThrow('"worker" needs DATABASE_URL.')
    expect(() => loadConfig({ PORT: '0' }, needy)).toThrow(
      /^2 settings are invalid[^]*PORT must[^]*"worker" needs/,
    )
    expect(() => loadConfig({ DATABASE_URL: 'x', PORT: '0' }, needy)).toThrow('3 settings are invalid.')
  })
})
