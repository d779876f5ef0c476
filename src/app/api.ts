import { createAuditReaders } from './api/auditReaders.ts'
import { openAccepting } from './api/accepting.ts'
import { openAccess, openAdminKey } from './api/access.ts'
import { openAgents } from './api/agents.ts'
import { openAsking } from './api/asking.ts'
import { offerDemo, type Demo } from './api/demo.ts'
import { openFollowing } from './api/following.ts'
import { openModels } from './api/models.ts'
import { openPeople } from './api/people.ts'
import { openReceiving } from './api/receiving.ts'
import { openTasks } from './api/tasks.ts'
import { openWebhooks } from './api/webhooks.ts'
import { isMigrated } from '../db/migrate.ts'
import { readMigrations } from '../db/migrations.ts'
import { chooseCompat } from '../http/compat/chooseCompat.ts'
import { createMetricsServer } from '../http/metricsServer.ts'
import { agentFileRoutes } from '../http/routes/agentFiles.ts'
import { apiKeyRoutes } from '../http/routes/apiKeys.ts'
import { consoleRoutes, createSendMissingPage } from '../http/routes/console.ts'
import { healthRoutes } from '../http/routes/health.ts'
import { metricsRoutes } from '../http/routes/metrics.ts'
import { noticeRoutes } from '../http/routes/notices.ts'
import { scheduleRoutes } from '../http/routes/schedules.ts'
import { secretRoutes } from '../http/routes/secrets.ts'
import { createServer } from '../http/server.ts'
import { ringNow } from '../schedules/ringSchedules.ts'
import { createSchedules } from '../schedules/schedules.ts'
import { createSecrets } from '../secrets/secrets.ts'
import { createVault } from '../secrets/vault.ts'
import { verifySecretKey } from '../secrets/verifySecretKey.ts'
import { createTaskMetrics } from '../tasks/views/taskMetrics.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { openTracer } from '../telemetry/openTracer.ts'
import { once, openFoundation, openNotices, tracing, VERSION, type AppOptions } from './foundation.ts'

export type Api = {
  /** The URL for clients on this machine. */
  url: string
  /** The generated key, until it was displayed once; undefined afterwards. */
  adminKey: string | undefined
  /** Records that the key was displayed: it will not be returned again. */
  confirmAdminKey(): Promise<void>
  /** Signs a browser in to the console: works once, within ten minutes. */
  consoleLink: string
  /** Names of the model providers that were added at run time. */
  savedProviders: string[]
  /** A command to try; undefined when the demo agent was deleted. */
  demo: Demo | undefined
  stop(): Promise<void>
}

/** Builds and starts the front door: everything that answers HTTP. It runs no agents. */
export async function startApi(options: AppOptions): Promise<Api> {
  const { config, databaseUrl, secretKey, log } = options
  const { stack, db, signals } = await openFoundation({
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
    await verifySecretKey(db, vault)
    const migrations = await readMigrations()
    const metrics = createMetrics()
    const stop = new AbortController()
    const { publicUrl } = config
    const base = {
      config,
      secretKey,
      log,
      stack,
      db,
      signals,
      vault,
      metrics,
      stopping: stop.signal,
    }

    const compat = chooseCompat(config.compat)
    const secrets = createSecrets({ db, vault })
    const schedules = createSchedules({ db })
    const notices = openNotices(base)
    const access = await openAccess(base)
    const adminKey = await openAdminKey(base, access)
    const people = openPeople(base, { access, mailer: notices.mailer })
    const models = await openModels(base)
    const agents = openAgents(base, { access, models, secrets })
    const webhooks = await openWebhooks(base, { agents, secrets, compat })
    const accepting = openAccepting(base)
    const following = await openFollowing(base, { access, compat })
    const receiving = await openReceiving(base, { access, agents, webhooks, accepting, following, compat })
    const asking = openAsking(base, { access, accepting, following })
    const tasks = openTasks(base, { access, models, agents, accepting })

    const measured = { metrics, readTaskMetrics: createTaskMetrics({ db }) }
    const parts = {
      ...people,
      ...access,
      ...models,
      ...agents,
      ...webhooks,
      schedules,
      notices: notices.settings,
    }
    const server = createServer({
      config,
      version: VERSION,
      log,
      tracer,
      authenticate: access.authenticate,
      audit: { auditLog: access.auditLog, read: createAuditReaders({ db, ...parts }) },
      open: [
        metricsRoutes({ ...measured, authenticate: access.authenticate }),
        healthRoutes({ isReady: () => isMigrated(db, migrations) }),
        consoleRoutes({ publicUrl }),
        ...receiving.open,
        ...following.open,
        ...compat.routes,
        ...asking.open,
        ...people.open,
        ...tasks.open,
      ],
      sendMissingPage: createSendMissingPage({ publicUrl }),
      management: [
        ...agents.management,
        ...webhooks.management,
        ...receiving.management,
        agentFileRoutes({ ...agents, ...webhooks, schedules, publicUrl }),
        scheduleRoutes({
          schedules,
          ringNow: (schedule) => ringNow({ db, signals, ranks: accepting.ranks }, schedule),
        }),
        noticeRoutes({ db, ...notices }),
        secretRoutes({ secrets }),
        apiKeyRoutes({ keys: access.keys }),
        ...following.management,
        ...tasks.management,
        ...models.management,
        ...people.management,
      ],
    })
    await server.listen({ port: config.port, host: config.host })
    stack.defer(() => server.close())
    if (config.metricsPort !== undefined) {
      const metricsServer = createMetricsServer({ log, routes: metricsRoutes(measured) })
      stack.defer(() => metricsServer.close())
      await metricsServer.listen({ port: config.metricsPort, host: config.host })
    }
    // First of all: requests that are under way would wait for what ends now.
    stack.defer(() => stop.abort())

    const configured = await models.providers.read()
    return {
      url: publicUrl,
      adminKey: adminKey.value,
      savedProviders: configured.filter(({ source }) => source === 'saved').map(({ name }) => name),
      confirmAdminKey: adminKey.confirm,
      consoleLink: `${publicUrl}/sign-in#${await access.sessions.issueCode()}`,
      demo: await offerDemo(base, { ...agents, ...webhooks, configured }),
      stop: once(() => stack.disposeAsync()),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
