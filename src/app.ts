import { readFileSync } from 'node:fs'
import { createAgentRunner } from './agent/run.ts'
import { createAuthenticate } from './auth/authenticate.ts'
import { ensureAdminKey } from './auth/ensureAdminKey.ts'
import { createKeys } from './auth/keys.ts'
import { createLinks } from './auth/links.ts'
import { createSessionCookie } from './auth/sessionCookie.ts'
import { createSessions } from './auth/sessions.ts'
import { readAgentActivity } from './catalog/agentActivity.ts'
import { createAgents } from './catalog/agents.ts'
import { checkKey } from './catalog/checkKey.ts'
import { ensureDemoAgent } from './catalog/demoAgent.ts'
import { createPrices, type Prices } from './catalog/prices.ts'
import { createSecrets, type Secrets } from './catalog/secrets.ts'
import { createVault } from './catalog/vault.ts'
import { createWebhooks } from './catalog/webhooks.ts'
import type { Config } from './config/config.ts'
import { toolEnvironment } from './config/environment.ts'
import { openDatabase, type Database } from './db/database.ts'
import { isMigrated } from './db/migrate.ts'
import { readMigrations } from './db/migrations.ts'
import { createSignals } from './db/signals.ts'
import { createAdmitToTask } from './http/admitToTask.ts'
import { agentRoutes } from './http/routes/agents.ts'
import { answerRoutes } from './http/routes/answer.ts'
import { approvalRoutes } from './http/routes/approvals.ts'
import { apiKeyRoutes } from './http/routes/apiKeys.ts'
import { agentWebhookRoutes } from './http/routes/agentWebhook.ts'
import { consoleRoutes } from './http/routes/console.ts'
import { healthRoutes } from './http/routes/health.ts'
import { metricsRoutes } from './http/routes/metrics.ts'
import { modelProviderRoutes } from './http/routes/modelProviders.ts'
import { priceRoutes } from './http/routes/prices.ts'
import { revisionRoutes } from './http/routes/revisions.ts'
import { secretRoutes } from './http/routes/secrets.ts'
import { sessionRoutes } from './http/routes/session.ts'
import { signInRoutes } from './http/routes/signIn.ts'
import { streamRoutes } from './http/routes/stream.ts'
import { taskLinkRoutes } from './http/routes/taskLinks.ts'
import { taskRoutes } from './http/routes/tasks.ts'
import { taskStatusRoutes } from './http/routes/taskStatus.ts'
import { triggerRoutes } from './http/routes/trigger.ts'
import { usageRoutes } from './http/routes/usage.ts'
import { webhookRoutes } from './http/routes/webhooks.ts'
import { createServer } from './http/server.ts'
import { createTaskLinks } from './http/taskLinks.ts'
import { createAsk } from './ingress/ask.ts'
import { createReceive } from './ingress/receive.ts'
import { cacheWebhooks } from './ingress/webhookCache.ts'
import { chooseDemoModel } from './models/demoModel.ts'
import { createModels, type Models } from './models/models.ts'
import { listedPrices, listPrice } from './models/prices.ts'
import { createFairRanks } from './queue/fairRank.ts'
import { openQueue } from './queue/queue.ts'
import { startWorker as startRunner } from './runner/worker.ts'
import { createBuildTools } from './tools/buildTools.ts'
import { createGuardedFetch } from './tools/guardedFetch.ts'
import { createMcpConnector, type McpConnector } from './tools/mcp/connector.ts'
import { createToolImporter } from './tools/importTool.ts'
import { checkJsonSchema, findMismatches } from './tools/jsonSchema.ts'
import { checkTemplate } from './tools/template.ts'
import { checkUrlTemplate } from './tools/urlTemplate.ts'
import { createAcceptor } from './tasks/accept.ts'
import { measureAccepts } from './tasks/measureAccepts.ts'
import { createNewsDesk } from './tasks/news.ts'
import { createTaskStatuses } from './tasks/statuses.ts'
import { createTaskMetrics } from './tasks/taskMetrics.ts'
import type { Log } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createRunMetrics } from './telemetry/runMetrics.ts'
import { openTracer, type TracingOptions } from './telemetry/tracing.ts'

const VERSION = readVersion()

/** Longer than any limit on the time of a call can be. */
const MAX_CALL_MS = 13 * 3_600_000

const LIST_PRICES = { of: listPrice, all: listedPrices }

/** A server that does not answer for so long is treated as one that is away. */
const QUERY_TIMEOUT_MS = 15_000

/** How often the fair order looks where the queue stands. */
const READ_HEAD_MS = 250

export type AppOptions = {
  config: Config
  databaseUrl: string
  /** 32 bytes. */
  secretKey: Buffer
  log: Log
}

export type Api = {
  /** Where it listens, as a local client reaches it. */
  url: string
  /** Only when it was made just now: it cannot be shown again. */
  adminKey: string | undefined
  /** Signs a browser in to the console: good once, for ten minutes. */
  consoleLink: string
  /** What a newcomer can try at once; undefined when the demo agent was deleted. */
  demo: { curl: string; statusUrl: string; model: string } | undefined
  stop(): Promise<void>
}

export type RunningWorker = {
  /** Resolves when the worker has come to its end: with an error when it lost its database session. */
  ended: Promise<Error | undefined>
  stop(): Promise<void>
}

/** Builds and starts the front door: everything that answers HTTP. It runs no agents. */
export async function startApi({ config, databaseUrl, secretKey, log }: AppOptions): Promise<Api> {
  const { stack, db, queue, signals } = await openGround({
    config,
    databaseUrl,
    log,
    name: 'bellwire api',
    max: 20,
  })
  try {
    const tracer = await openTracer(tracing(config))
    stack.defer(() => tracer.stop())
    const vault = createVault(secretKey)
    await checkKey(db, vault)
    const models = createModels(config.providers)
    stack.defer(() => models.close())
    const secrets = createSecrets({ db, vault })
    const outside = openOutside({ stack, config, secrets })
    const prices = createPrices({ db, list: LIST_PRICES })
    const agents = createAgents({
      db,
      checks: agentChecks({ models, prices, mcp: outside.mcp }),
      importTool: createToolImporter(outside),
    })
    const webhooks = createWebhooks({ db, vault })
    const keys = createKeys({ db })
    const adminKey = await ensureAdminKey(db, config.adminKey)

    const migrations = await readMigrations()
    const ranks = createFairRanks()
    const readHead = setInterval(() => void queue.headRank().then(ranks.update, () => {}), READ_HEAD_MS)
    stack.defer(() => clearInterval(readHead))
    const metrics = createMetrics()
    const acceptor = measureAccepts(createAcceptor({ db, queue, ranks, signals }), metrics)
    // Clients that hang up leave their triggers behind: those are still written before the database is left.
    stack.defer(() => acceptor.idle())
    const news = await createNewsDesk({ db, signals })
    const statuses = createTaskStatuses(db)
    stack.defer(() => news.stop())

    const { publicUrl } = config
    const sessions = createSessions({ db })
    const cookie = createSessionCookie(publicUrl)
    const authenticate = createAuthenticate(keys, { sessions, cookie, publicUrl })
    const links = createLinks(secretKey)
    const taskLinks = createTaskLinks(publicUrl, links)
    const receive = createReceive({ findWebhook: cacheWebhooks(webhooks.findByTokenHash), acceptor })
    const ask = createAsk({ findAsker: keys.verify, acceptor })
    const server = createServer({
      config,
      version: VERSION,
      log,
      tracer,
      authenticate,
      open: [
        metricsRoutes({ metrics, readTaskMetrics: createTaskMetrics({ db, queue }), authenticate }),
        healthRoutes({ isReady: () => isMigrated(db, migrations) }),
        triggerRoutes({ receive, links: taskLinks, statuses, news }),
        taskStatusRoutes({ statuses, news }),
        answerRoutes({ ask, links: taskLinks, statuses, news }),
        streamRoutes({ ask, statuses, news }),
        signInRoutes({ sessions, keys, cookie, publicUrl }),
        consoleRoutes({ publicUrl }),
        taskLinkRoutes({ db, statuses, queue, signals, news, admit: createAdmitToTask(authenticate, links) }),
      ],
      management: [
        agentRoutes({ agents, readActivity: (ids) => readAgentActivity(db, ids) }),
        revisionRoutes({ agents }),
        webhookRoutes({ webhooks, publicUrl }),
        agentWebhookRoutes({ webhooks, publicUrl }),
        secretRoutes({ secrets }),
        apiKeyRoutes({ keys }),
        taskRoutes({ db }),
        approvalRoutes({ db, queue, signals, authenticate, findMismatches }),
        modelProviderRoutes({ providers: models.providers() }),
        priceRoutes({ prices }),
        usageRoutes({ db }),
        sessionRoutes({ sessions, cookie }),
      ],
    })
    await server.listen({ port: config.port, host: config.host })
    stack.defer(() => server.close())

    const model = await chooseDemoModel(config.providers)
    const demo = await ensureDemoAgent({ db, agents, webhooks }, model)
    return {
      url: publicUrl,
      adminKey,
      consoleLink: `${publicUrl}/sign-in#${await sessions.issueCode()}`,
      demo: demo && {
        curl:
          `curl ${publicUrl}/api/webhooks/agents/${demo.token} ` +
          `-H 'Content-Type: application/json' -d '{"question":"What can you do?"}'`,
        statusUrl: `${publicUrl}/api/task_status?task_id=TASK_ID&wait=30`,
        model,
      },
      stop: once(() => stack.disposeAsync()),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** Builds and starts what runs agents. It answers no HTTP. */
export async function startWorker({
  config,
  databaseUrl,
  secretKey,
  log,
}: AppOptions): Promise<RunningWorker> {
  const { stack, db, queue, signals } = await openGround({
    config,
    databaseUrl,
    log,
    name: 'bellwire worker',
    max: 12,
  })
  try {
    const tracer = await openTracer(tracing(config))
    stack.defer(() => tracer.stop())
    const metrics = createMetrics()
    const runMetrics = createRunMetrics(metrics)
    const vault = createVault(secretKey)
    await checkKey(db, vault)
    const models = createModels(config.providers)
    stack.defer(() => models.close())
    const secrets = createSecrets({ db, vault })
    // The runs limit the time of each call of a tool themselves.
    const outside = openOutside({ stack, config, secrets, timeoutMs: MAX_CALL_MS })
    const prices = createPrices({ db, list: LIST_PRICES })
    const run = createAgentRunner({
      models,
      buildTools: createBuildTools(outside),
      tracer,
      metrics: runMetrics,
      log,
    })
    const worker = await startRunner({
      db,
      url: databaseUrl,
      queue,
      signals,
      run,
      priceOf: prices.of,
      telemetry: { metrics, runs: runMetrics, tracer },
      concurrency: config.workerConcurrency,
      leaseSeconds: config.workerLeaseSeconds,
      graceSeconds: config.shutdownGraceSeconds,
      log,
    })
    stack.defer(() => worker.stop())
    return { ended: worker.ended, stop: once(() => stack.disposeAsync()) }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

type Ground = Pick<AppOptions, 'config' | 'databaseUrl' | 'log'> & { name: string; max: number }

/** What both halves stand on. Whatever is put on the stack is stopped in the reverse order. */
async function openGround({ databaseUrl, log, name, max }: Ground) {
  const stack = new AsyncDisposableStack()
  try {
    const warn = (what: string) => (error: Error) => log.warn({ err: error }, what)
    const db: Database = openDatabase(databaseUrl, {
      name,
      max,
      queryTimeoutMs: QUERY_TIMEOUT_MS,
      onError: warn('a database connection broke'),
    })
    stack.defer(() => db.close())
    const queue = await openQueue(db, {
      supervise: name.endsWith('worker'),
      onError: warn('queue upkeep failed'),
    })
    stack.defer(() => queue.stop())
    const signals = createSignals(db, databaseUrl, { name, onError: warn('the notification channel broke') })
    stack.defer(() => signals.stop())
    return { stack, db, queue, signals }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** What reaches the world outside: the guarded fetch, and MCP servers. */
function openOutside({
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
  return { fetch, secrets: secrets.read, mcp }
}

function agentChecks({ models, prices, mcp }: { models: Models; prices: Prices; mcp: McpConnector }) {
  const detail = (check: { ok: true } | { ok: false; detail: string }) =>
    check.ok ? undefined : check.detail
  return {
    model: (ref: string) => detail(models.check(ref)),
    template: (text: string) => detail(checkTemplate(text)),
    urlTemplate: (text: string) => detail(checkUrlTemplate(text)),
    jsonSchema: (schema: unknown) => detail(checkJsonSchema(schema)),
    hasPrice: async (model: string) => (await prices.of(model, { afresh: true })) !== undefined,
    command: mcp.checkCommand,
  }
}

/** Where spans go, and under which name. */
function tracing(config: Config): TracingOptions {
  return { ...config.tracing, serviceVersion: VERSION }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  if (
    typeof manifest === 'object' &&
    manifest &&
    'version' in manifest &&
    typeof manifest.version === 'string'
  ) {
    return manifest.version
  }
  throw new Error('package.json has no version')
}
