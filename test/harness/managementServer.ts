import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import pino from 'pino'
import { openPeople } from '../../src/app/api/people.ts'
import { createAuditLog } from '../../src/auth/audit/auditLog.ts'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { ensureAdminKey } from '../../src/auth/ensureAdminKey.ts'
import { createFailures } from '../../src/auth/failures.ts'
import { createKeys, type Keys } from '../../src/auth/keys.ts'
import { createRefuseFailure, limitKeyGuesses } from '../../src/http/plumbing/limitFailures.ts'
import { createRevocations } from '../../src/auth/revocations.ts'
import { createSessionCookie } from '../../src/auth/sessionCookie.ts'
import { createSessions, type Sessions } from '../../src/auth/sessions.ts'
import { readAgentActivity } from '../../src/agents/agentActivity.ts'
import { readRevisionRuns } from '../../src/agents/revisionRuns.ts'
import { createAgents, type Agents } from '../../src/agents/agents.ts'
import type { AgentChecks } from '../../src/agents/checkAgent.ts'
import type { ImportTool } from '../../src/agents/importTools.ts'
import { createMailer } from '../../src/delivery/providers/mailer.ts'
import { createCheckReply } from '../../src/delivery/replies/checkReply.ts'
import { createSecrets, type Secrets } from '../../src/secrets/secrets.ts'
import { createCallbacks } from '../../src/delivery/callbacks.ts'
import { createVault } from '../../src/secrets/vault.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createCheckWebhook } from '../../src/ingress/webhook/checkWebhook.ts'
import { compileSource } from '../../src/ingress/sources/compile.ts'
import { countHeld } from '../../src/tasks/heldTasks.ts'
import { createWebhooks, type Webhooks } from '../../src/webhooks/webhooks.ts'
import { isMigrated } from '../../src/db/migrate.ts'
import { agentRoutes } from '../../src/http/routes/agents.ts'
import { agentWebhookRoutes } from '../../src/http/routes/agentWebhook.ts'
import { apiKeyRoutes } from '../../src/http/routes/apiKeys.ts'
import { healthRoutes } from '../../src/http/routes/health.ts'
import { revisionRoutes } from '../../src/http/routes/revisions.ts'
import { modelProviderRoutes } from '../../src/http/routes/modelProviders.ts'
import { sourceRoutes } from '../../src/http/routes/sources.ts'
import { secretRoutes } from '../../src/http/routes/secrets.ts'
import { webhookRoutes } from '../../src/http/routes/webhooks.ts'
import { createServer } from '../../src/http/server.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

export const PUBLIC_URL = 'https://bells.example'

/** Stands in for the parts that run agents: one word of each kind is invalid. */
const checks: AgentChecks = {
  model: (ref) => (ref.startsWith('unknown/') ? 'there is no provider unknown' : undefined),
  template: (text) => (text.includes('{{ broken') ? 'the tag is not closed' : undefined),
  urlTemplate: (text) => Promise.resolve(checks.template(text)),
  hasPrice: (model) => Promise.resolve(model.startsWith('demo/')),
  jsonSchema: (schema) =>
    Promise.resolve(JSON.stringify(schema).includes('"nonsense"') ? 'nonsense is no type' : undefined),
  command: (command) => (command === 'echo-server' ? undefined : `the command ${command} is not allowed`),
}

/** Stands in for a server or a document: one tool, which echoes. */
const importTool: ImportTool = (tool) => {
  const parameters = { type: 'object' }
  const echo = { name: `${tool.name}_echo`, description: 'Echoes.', parameters, access: 'read' as const }
  const imported_at = new Date().toISOString()
  const more = { ...echo, idempotent: true }
  if (tool.name.startsWith('away')) {
    return Promise.resolve({ ok: false, error: { pointer: '/url', detail: 'it cannot be reached' } })
  }
  if (tool.type === 'mcp') {
    return Promise.resolve({
      ok: true,
      tool: { ...tool, imported: { imported_at, tools: [{ tool: 'echo', ...more }] } },
    })
  }
  const call = { operation: 'echo', method: 'GET' as const, path: '/', arguments: [], credentials: [] }
  const imported = { imported_at, title: '', version: '', operations: [{ ...call, ...more }] }
  return Promise.resolve({ ok: true, tool: { ...tool, imported } })
}

export type Answer = {
  status: number
  headers: Headers
  text: string
  /** The parsed body; undefined if it is not JSON. */
  body: unknown
}

export type Call = {
  /** The key to send; the admin key by default, none if null. */
  key?: string | null
  /** Sent as JSON. */
  json?: unknown
  /** Sent unchanged. */
  body?: string
  headers?: Record<string, string>
}

export type ManagementServer = {
  url: string
  app: FastifyInstance
  database: TestDatabase
  adminKey: string
  keys: Keys
  agents: Agents
  webhooks: Webhooks
  secrets: Secrets
  sessions: Sessions
  /** Everything that was logged, one JSON line each. */
  logged(): string
  call(method: string, path: string, options?: Call): Promise<Answer>
  stop(): Promise<void>
}

/** The management API over HTTP on its own port and database. */
export async function startManagementServer({
  open = [],
  management = [],
  maxBodyBytes = 1_048_576,
  maxBodyMemoryBytes = 268_435_456,
  trustedProxies = [],
}: {
  open?: FastifyPluginCallbackZod[]
  management?: FastifyPluginCallbackZod[]
  maxBodyBytes?: number
  maxBodyMemoryBytes?: number
  trustedProxies?: string[]
} = {}): Promise<ManagementServer> {
  const database = await createTestDatabase()
  const { db } = database
  const lines: string[] = []
  // Plain, without the redaction of the real log: secrets must not even reach the log.
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const vault = createVault(randomBytes(32))
  const revocations = createRevocations()
  const keys = createKeys({ db, revocations })
  const agents = createAgents({ db, checks, importTool })
  const secrets = createSecrets({ db, vault })
  const webhooks = createWebhooks({
    db,
    vault,
    check: createCheckWebhook({
      checkSchema: checks.jsonSchema,
      compileSource: (options, given) => compileSource(options, given, { fetch }),
      checkReply: createCheckReply({ readSecret: (name) => secrets.read(name), hasMail: true }),
    }),
    callbacks: createCallbacks({ db, vault }).within,
  })
  const sessions = createSessions({ db, revocations })
  const cookie = createSessionCookie(PUBLIC_URL)
  const refuseFailure = createRefuseFailure(createFailures({ db }))
  const people = openPeople(
    {
      db,
      log,
      secretKey: randomBytes(32),
      metrics: createMetrics(),
      config: { publicUrl: PUBLIC_URL, oidc: undefined },
    },
    {
      access: { revocations, sessions, keys, cookie, refuseFailure, auditLog: createAuditLog(db) },
      mailer: createMailer(undefined),
    },
  )
  const adminKey = await ensureAdminKey({ db, vault })
  if (adminKey === undefined) throw new Error('an empty database has no admin key yet')

  const app = createServer({
    config: { publicUrl: PUBLIC_URL, trustedProxies, maxBodyBytes, maxBodyMemoryBytes, corsOrigins: '*' },
    version: '0.0.0',
    log,
    authenticate: limitKeyGuesses(
      createAuthenticate(keys, { sessions, cookie, publicUrl: PUBLIC_URL }),
      refuseFailure,
    ),
    open: [healthRoutes({ isReady: () => isMigrated(db) }), ...people.open, ...open],
    management: [
      agentRoutes({
        agents,
        readActivity: (ids) => readAgentActivity(db, ids),
        cancelTasks: () => Promise.resolve(),
      }),
      revisionRoutes({ agents, readRuns: (id) => readRevisionRuns(db, id) }),
      webhookRoutes({ webhooks, countHeld: (agentId) => countHeld(db, agentId), publicUrl: PUBLIC_URL }),
      agentWebhookRoutes({ webhooks, publicUrl: PUBLIC_URL }),
      secretRoutes({ secrets }),
      apiKeyRoutes({ keys }),
      ...people.management,
      modelProviderRoutes({ readProviders: () => Promise.resolve([]) }),
      sourceRoutes(),
      ...management,
    ],
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })

  return {
    url,
    app,
    database,
    adminKey,
    keys,
    agents,
    webhooks,
    secrets,
    sessions,
    logged: () => lines.join(''),
    call: (method, path, options = {}) => call(url + path, method, { key: adminKey, ...options }),
    async stop() {
      await app.close()
      await database.drop()
    },
  }
}

async function call(url: string, method: string, { key, json, body, headers }: Call): Promise<Answer> {
  const payload = json === undefined ? body : JSON.stringify(json)
  const response = await fetch(url, {
    method,
    headers: {
      ...(key == null ? {} : { authorization: `Bearer ${key}` }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : undefined
  return { status: response.status, headers: response.headers, text, body: parsed }
}
