import type { Config } from '../config/config.ts'
import { SETTINGS } from '../config/settings.ts'
import { createRecall } from '../agent/recall/recall.ts'
import { createAuditLog } from '../auth/audit/auditLog.ts'
import { createTryTool } from '../agent/tryTool.ts'
import { createApprovalLinks } from '../auth/approvalLinks.ts'
import { createAuthenticate } from '../auth/authenticate.ts'
import { confirmAdminKey, ensureAdminKey } from '../auth/ensureAdminKey.ts'
import { createFailures } from '../auth/failures.ts'
import { createIsSignedIn } from '../auth/isSignedIn.ts'
import { createKeys } from '../auth/keys.ts'
import { createLinks } from '../auth/links.ts'
import { shareRevocations } from '../auth/revocations.ts'
import { createSessionCookie } from '../auth/sessionCookie.ts'
import { createSessions } from '../auth/sessions.ts'
import { readAgentActivity } from '../agents/agentActivity.ts'
import { createFindMaxPending } from '../agents/maxPending.ts'
import { createAgents } from '../agents/agents.ts'
import { readRevisionRuns } from '../agents/revisionRuns.ts'
import { createToolDrafts } from '../agents/toolDrafts.ts'
import { verifySecretKey } from '../secrets/verifySecretKey.ts'
import { ensureDemoAgent } from './demoAgent.ts'
import { createAuditReaders } from './audit.ts'
import { createFindWarnings } from './findWarnings.ts'
import { createRenderPreview } from './renderPreview.ts'
import { openPeople } from './people.ts'
import { createReadWholeStep } from './wholeStep.ts'
import { createPrices, type Prices } from '../agents/prices.ts'
import { createSecrets } from '../secrets/secrets.ts'
import { createVault } from '../secrets/vault.ts'
import { createWebhooks } from '../webhooks/webhooks.ts'
import { shareAnnouncements } from '../db/announcements.ts'
import { isMigrated } from '../db/migrate.ts'
import { readMigrations } from '../db/migrations.ts'
import { createRefuseFailure, limitKeyGuesses } from '../http/plumbing/limitFailures.ts'
import { chooseCompat } from '../http/compat/compat.ts'
import { createCallbacks } from '../delivery/callbacks.ts'
import { createCheckReply } from '../delivery/replies/checkReply.ts'
import { createDeliveries } from '../delivery/deliveries.ts'
import { createFollowerLimit } from '../http/plumbing/followerLimit.ts'
import { createAdmitToTask } from '../http/plumbing/admitToTask.ts'
import { agentRoutes } from '../http/routes/agents.ts'
import { answerRoutes } from '../http/routes/answer.ts'
import { approvalRoutes } from '../http/routes/approvals.ts'
import { callbackUrlRoutes } from '../http/routes/callbackUrls.ts'
import { decideApprovalRoutes } from '../http/routes/decideApprovals.ts'
import { apiKeyRoutes } from '../http/routes/apiKeys.ts'
import { agentWebhookRoutes } from '../http/routes/agentWebhook.ts'
import { consoleRoutes, createSendMissingPage } from '../http/routes/console.ts'
import { firstRingRoutes } from '../http/routes/firstRing.ts'
import { heldTaskRoutes } from '../http/routes/heldTasks.ts'
import { filterTryRoutes } from '../http/routes/filterTry.ts'
import { healthRoutes } from '../http/routes/health.ts'
import { metricsRoutes } from '../http/routes/metrics.ts'
import { modelOfferRoutes } from '../http/routes/modelOffers.ts'
import { modelProviderRoutes } from '../http/routes/modelProviders.ts'
import { providerRoutes } from '../http/routes/providers.ts'
import { noticeRoutes } from '../http/routes/notices.ts'
import { overviewRoutes } from '../http/routes/overview.ts'
import { previewRoutes } from '../http/routes/preview.ts'
import { priceRoutes } from '../http/routes/prices.ts'
import { rejectionRoutes } from '../http/routes/rejections.ts'
import { rehearsalRoutes } from '../http/routes/rehearsals.ts'
import { replayRoutes } from '../http/routes/replay.ts'
import { retentionRoutes } from '../http/routes/retention.ts'
import { revisionRoutes } from '../http/routes/revisions.ts'
import { callbackRoutes } from '../http/routes/callbacks.ts'
import { deliveryRoutes } from '../http/routes/deliveries.ts'
import { agentFileRoutes } from '../http/routes/agentFiles.ts'
import { eventRoutes } from '../http/routes/events.ts'
import { scheduleRoutes } from '../http/routes/schedules.ts'
import { schemaExampleRoutes } from '../http/routes/schemaExamples.ts'
import { secretRoutes } from '../http/routes/secrets.ts'
import { sourceRoutes } from '../http/routes/sources.ts'
import { streamRoutes } from '../http/routes/stream.ts'
import { taskLinkRoutes } from '../http/routes/taskLinks.ts'
import { toolRoutes } from '../http/routes/tools.ts'
import { taskRoutes } from '../http/routes/tasks.ts'
import { taskReportRoutes } from '../http/routes/taskReports.ts'
import { deleteTaskRoutes } from '../http/routes/deleteTasks.ts'
import { taskStepRoutes } from '../http/routes/taskSteps.ts'
import { taskStatusRoutes } from '../http/routes/taskStatus.ts'
import { triggerRoutes } from '../http/routes/trigger.ts'
import { usageRoutes } from '../http/routes/usage.ts'
import { webhookRoutes } from '../http/routes/webhooks.ts'
import { createMetricsServer } from '../http/metricsServer.ts'
import { createServer } from '../http/server.ts'
import { startPage } from '../http/plumbing/startPage.ts'
import { createNoteOutcome } from '../http/plumbing/webhookOutcome.ts'
import { createTaskLinks } from '../http/plumbing/taskLinks.ts'
import { createRespondToTrigger } from '../http/plumbing/respondToTrigger.ts'
import { createWaits } from '../http/plumbing/waits.ts'
import { createRateLimits } from '../ingress/rateLimit/rateLimits.ts'
import { createRecordUnreceived } from '../ingress/recordUnreceived.ts'
import { createAcceptRejection } from '../ingress/rejections/acceptRejection.ts'
import { createReadmit } from '../ingress/rejections/readmit.ts'
import { createRestore } from '../ingress/rejections/restore.ts'
import { createRejections } from '../ingress/rejections/rejections.ts'
import { createAnswerOptions } from '../ingress/answerOptions.ts'
import { createAskAgent } from '../ingress/askAgent.ts'
import { findConversation } from '../tasks/conversations/findConversation.ts'
import { createRecordRing } from '../ingress/firstRing/recordRings.ts'
import { createRings } from '../ingress/firstRing/rings.ts'
import { createWaitForRings } from '../ingress/firstRing/waitForRings.ts'
import { createCheckToken, createReceive } from '../ingress/receive.ts'
import { createCheckWebhook } from '../ingress/checkWebhook.ts'
import { createCompileWebhook } from '../ingress/compileWebhook.ts'
import { compileSource } from '../ingress/sources/compile.ts'
import { tryFilter } from '../ingress/filterTry/tryFilter.ts'
import { createNoteActivity } from '../ingress/noteActivity.ts'
import { createNoteLoops } from '../ingress/noteLoops.ts'
import { createSteps } from '../ingress/steps/steps.ts'
import { cacheWebhooks } from '../ingress/webhookCache.ts'
import { createModelCatalogue } from '../models/catalogue/catalogue.ts'
import { chooseDemoModel } from '../models/demoModel.ts'
import { demoValue } from '../models/demoValue.ts'
import { createModelFetch } from '../models/modelFetch.ts'
import { knowProviders } from '../models/providers.ts'
import { variablesOf } from '../models/providerSettings.ts'
import type { ModelProviders } from '../modelProviders/modelProviders.ts'
import { createFairRanks } from '../queue/fairRank.ts'
import { followHead } from '../queue/followHead.ts'
import { announcePressure } from '../queue/pressure.ts'
import { ringNow } from '../schedules/ringSchedules.ts'
import { createSchedules } from '../schedules/schedules.ts'
import type { CompileSource } from '../ingress/joints.ts'
import { createBuildTools } from '../tools/buildTools.ts'
import { describeTools } from '../tools/describeTools.ts'
import { createGuardedFetch } from '../tools/guardedFetch.ts'
import type { McpConnector } from '../tools/mcp/connector.ts'
import { createToolSources } from '../tools/toolSources.ts'
import { checkJsonSchema, compileJsonMismatches, findMismatches } from '../tools/jsonSchema.ts'
import { checkTemplate } from '../tools/template.ts'
import { checkUrlTemplate } from '../tools/urlTemplate.ts'
import { createAcceptor } from '../tasks/accept.ts'
import { cancelTasksOf } from '../tasks/cancelTasksOf.ts'
import { countHeld, discardHeld, findHoldingAgent, releaseHeld } from '../tasks/heldTasks.ts'
import { createObjectGuard } from '../tasks/objectGuard.ts'
import { measureAccepts } from '../tasks/measureAccepts.ts'
import { createCallbackTokens } from '../tasks/callbackUrls/callbackTokens.ts'
import { createTaskFeed } from '../tasks/follow/taskFeed.ts'
import { createRehearse } from '../tasks/rehearsals/rehearse.ts'
import { createReplays } from '../tasks/replay/replays.ts'
import { readPromptSource } from '../tasks/views/promptSource.ts'
import { readAgentOf } from '../tasks/views/queries.ts'
import { createTaskStatuses } from '../tasks/views/statuses.ts'
import { createTaskMetrics } from '../tasks/views/taskMetrics.ts'
import { readRetention, type RetentionTimes } from '../tasks/views/retention.ts'
import { createReadOverview } from '../tasks/views/overview/overview.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createActivityFeed } from '../watch/activityFeed.ts'
import { openTracer } from '../telemetry/openTracer.ts'
import {
  LIST_PRICES,
  once,
  openFoundation,
  openNotices,
  openOutbound,
  openProviders,
  tracing,
  VERSION,
  type AppOptions,
} from './foundation.ts'

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
  demo: { curl: string; statusUrl: string; model: string } | undefined
  stop(): Promise<void>
}

/** Builds and starts the front door: everything that answers HTTP. It runs no agents. */
export async function startApi({ config, databaseUrl, secretKey, log }: AppOptions): Promise<Api> {
  const { stack, db, signals } = await openFoundation({
    config,
    databaseUrl,
    log,
    name: 'bellwire api',
    max: 20,
  })
  try {
    const pressure = announcePressure({ signals })
    stack.defer(() => pressure.stop())
    const tracer = await openTracer(tracing(config))
    stack.defer(() => tracer.stop())
    const stopping = new AbortController()
    const vault = createVault(secretKey)
    await verifySecretKey(db, vault)
    const { providers, guard } = await openProviders({ config, db, vault, signals })
    const secrets = createSecrets({ db, vault })
    const outside = openOutbound({ stack, config, secrets })
    const prices = createPrices({ db, list: LIST_PRICES })
    const modelFetch = { environment: createModelFetch(), saved: createModelFetch(guard) }
    stack.defer(async () => {
      await Promise.all([modelFetch.environment.close(), modelFetch.saved.close()])
    })
    const catalogue = createModelCatalogue({
      readProviders: () => providers.read({ afresh: true }),
      priceOf: (model) => prices.of(model),
      fetchFor: ({ source }) => modelFetch[source].fetch,
    })
    const checks = agentChecks({ providers, prices, mcp: outside.mcp })
    const sources = createToolSources({ ...outside, signal: stopping.signal })
    const agents = createAgents({ db, checks, importTool: sources.importTool })
    const buildTools = createBuildTools(outside)
    // Certificates and keys of senders: whoever waits for them waits for an acknowledgement.
    const keyFetch = createGuardedFetch({
      allowPrivateNetworks: config.allowPrivateNetworks,
      timeoutMs: 5_000,
    })
    stack.defer(() => keyFetch.close())
    const sourceOf: CompileSource = (options, given) => compileSource(options, given, { fetch: keyFetch })
    const webhookChanges = await shareAnnouncements(signals, 'bellwire_webhooks')
    const schedules = createSchedules({ db })
    const callbacks = createCallbacks({ db, vault, changes: webhookChanges })
    const checkWebhook = createCheckWebhook({
      checkSchema: checks.jsonSchema,
      compileSource: sourceOf,
      checkReply: createCheckReply({ readSecret: secrets.read, hasMail: config.mail !== undefined }),
    })
    const webhooks = createWebhooks({
      db,
      vault,
      check: checkWebhook,
      callbacks: callbacks.within,
      changes: webhookChanges,
    })
    const revocations = await shareRevocations(signals)
    const keys = createKeys({ db, revocations })
    const adminKey = await ensureAdminKey({ db, vault }, config.adminKey)
    // Another key may have been configured before.
    if (config.adminKey !== undefined) revocations.announce()
    let confirming: Promise<void> | undefined
    stack.defer(() => confirming?.catch(() => {}))

    const migrations = await readMigrations()
    const ranks = createFairRanks()
    const following = followHead(db, ranks)
    stack.defer(() => following.stop())
    const metrics = createMetrics()
    const acceptor = measureAccepts(createAcceptor({ db, ranks, signals }), metrics)
    // Triggers of clients that have disconnected are still written before the database is closed.
    stack.defer(() => acceptor.idle())
    const taskFeed = await createTaskFeed({ db, signals })
    const statuses = createTaskStatuses(db)
    stack.defer(() => taskFeed.stop())
    const activityFeed = await createActivityFeed({ db, signals })
    stack.defer(() => activityFeed.stop())

    const recall = createRecall({ log })
    const readWholeStep = createReadWholeStep({ db, recall, readProviders: () => providers.read() })

    const { publicUrl } = config
    const followerLimit = createFollowerLimit({ perClient: config.maxFollowersPerClient })
    const waits = createWaits({
      statuses,
      taskFeed,
      perClient: config.maxFollowersPerClient,
      stopping: stopping.signal,
    })
    const sessions = createSessions({ db, revocations })
    const cookie = createSessionCookie(publicUrl)
    const refuseFailure = createRefuseFailure(createFailures({ db, metrics }))
    const authenticate = limitKeyGuesses(
      createAuthenticate(keys, { sessions, cookie, publicUrl }),
      refuseFailure,
    )
    const auditLog = createAuditLog(db)
    const notices = openNotices({ stack, config, db, vault })
    const people = openPeople({
      db,
      revocations,
      sessions,
      keys,
      cookie,
      publicUrl,
      secretKey,
      refuseFailure,
      auditLog,
      metrics,
      oidc: config.oidc,
      mailer: notices.mailer,
      log,
    })
    const links = createLinks(secretKey)
    const taskLinks = createTaskLinks(publicUrl, links)
    const approvalLinks = createApprovalLinks({ secret: secretKey, publicUrl })
    const onLoop = createNoteLoops({ metrics, log })
    const findWebhook = cacheWebhooks({
      find: webhooks.findByTokenHash,
      compile: createCompileWebhook({
        steps: createSteps({
          publicUrl,
          maxBodyBytes: config.maxBodyBytes,
          rateLimits: createRateLimits({ db }),
          judgeObject: createObjectGuard(db),
          onLoop,
          startPage,
        }),
        compileSource: sourceOf,
        compileSchema: compileJsonMismatches,
      }),
      changes: webhookChanges,
    })
    const rings = createRings(db)
    const ringing = createRecordRing({ rings, signals, changes: webhookChanges, log })
    stack.defer(() => ringing.idle())
    const activity = createNoteActivity({ db, log })
    stack.defer(() => activity.stop())
    const compat = chooseCompat(config.compat)
    const rejections = createRejections({ db, metrics, log })
    stack.defer(() => rejections.stop())
    const receive = createReceive({
      findWebhook,
      acceptor,
      recordRejection: rejections.record,
      recordRing: (arrival, outcome) => {
        ringing.record(arrival, outcome)
        activity.note(arrival, outcome)
      },
      onLoop,
    })
    const restore = createRestore({
      findToken: async (agentId, id) => (await webhooks.get(agentId, id)).token,
      findWebhook,
      maxBodyBytes: config.maxBodyBytes,
    })
    const readmit = createReadmit({ restore, acceptor })
    const askAgent = createAskAgent({
      findConversation: (id) => findConversation(db, id),
      findCaller: keys.verify,
      findMaxPending: createFindMaxPending(db),
      acceptor,
    })
    const measured = { metrics, readTaskMetrics: createTaskMetrics({ db }) }
    const server = createServer({
      config,
      version: VERSION,
      log,
      tracer,
      authenticate,
      audit: {
        auditLog,
        read: createAuditReaders({
          db,
          agents,
          webhooks,
          callbacks,
          schedules,
          prices,
          providers,
          notices: notices.settings,
          keys,
          users: people.users,
          userLinks: people.userLinks,
        }),
      },
      open: [
        metricsRoutes({ ...measured, authenticate }),
        healthRoutes({ isReady: () => isMigrated(db, migrations) }),
        compat.wrap(
          triggerRoutes({
            receive,
            checkToken: createCheckToken(findWebhook),
            answerOptions: createAnswerOptions({ findWebhook, publicUrl }),
            isSignedIn: createIsSignedIn({ sessions, cookie, publicUrl }),
            maxBodyBytes: config.maxBodyBytes,
            respond: createRespondToTrigger({ links: taskLinks, statuses, waits, log }),
            refuseFailure,
            recordUnreceived: createRecordUnreceived({ findWebhook, recordRejection: rejections.record }),
            noteOutcome: createNoteOutcome(metrics),
          }),
        ),
        compat.wrap(taskStatusRoutes({ statuses, waits })),
        ...compat.routes,
        answerRoutes({ askAgent, links: taskLinks, waits, refuseFailure }),
        streamRoutes({ askAgent, statuses, taskFeed, followerLimit, refuseFailure }),
        ...people.open,
        consoleRoutes({ publicUrl }),
        taskLinkRoutes({
          db,
          statuses,
          followerLimit,
          signals,
          taskFeed,
          admit: createAdmitToTask(authenticate, links),
        }),
        decideApprovalRoutes({ db, signals, authenticate, links: approvalLinks, findMismatches }),
        callbackUrlRoutes({ db, signals, tokens: createCallbackTokens(secretKey), refuseFailure }),
      ],
      sendMissingPage: createSendMissingPage({ publicUrl }),
      management: [
        agentRoutes({
          agents,
          readActivity: (ids) => readAgentActivity(db, ids),
          cancelTasks: (id) => cancelTasksOf({ db, signals }, id),
          revoked: revocations.announce,
        }),
        revisionRoutes({ agents, readRuns: (id) => readRevisionRuns(db, id) }),
        previewRoutes({
          agents,
          readSource: (agentId, taskId) => readPromptSource(db, agentId, taskId),
          renderPreview: createRenderPreview({
            isPlainPayload: (origin) => config.compat === 'docsgpt' && origin === 'webhook',
          }),
        }),
        schemaExampleRoutes({
          checkSchema: checks.jsonSchema,
          makeExample: (schema) => demoValue(schema, 'text'),
          findMismatches,
        }),
        toolRoutes({
          agents,
          drafts: createToolDrafts({
            db: db.pool,
            checks,
            importTool: sources.importTool,
            offerTools: sources.offer,
          }),
          describe: (tool) => describeTools(buildTools, tool),
          tryTool: createTryTool({ buildTools, stopping: stopping.signal }),
        }),
        sourceRoutes(),
        webhookRoutes({ webhooks, countHeld: (agentId) => countHeld(db, agentId), publicUrl }),
        heldTaskRoutes({
          findAgent: (webhookId) => findHoldingAgent(db, webhookId),
          release: (held) => releaseHeld({ db, signals }, held),
          discard: (held) => discardHeld({ db, signals }, held),
        }),
        filterTryRoutes({ webhooks, tryFilter: (options) => tryFilter({ db, restore }, options) }),
        rejectionRoutes({
          db,
          written: rejections.written,
          acceptRejection: createAcceptRejection({ db, readmit }),
          links: taskLinks,
        }),
        firstRingRoutes({
          rings,
          waitForRings: await createWaitForRings({ rings, signals }),
          agents,
          webhooks,
          checkWebhook,
          countHeld: (agentId) => countHeld(db, agentId),
          changed: webhookChanges.announce,
          publicUrl,
        }),
        compat.wrap(agentWebhookRoutes({ webhooks, publicUrl })),
        callbackRoutes({ callbacks }),
        deliveryRoutes({ deliveries: createDeliveries({ db }) }),
        agentFileRoutes({ agents, webhooks, schedules, publicUrl }),
        scheduleRoutes({
          schedules,
          ringNow: (schedule) => ringNow({ db, signals, ranks }, schedule),
        }),
        noticeRoutes({ db, ...notices }),
        secretRoutes({ secrets }),
        apiKeyRoutes({ keys }),
        eventRoutes({ feed: activityFeed, followerLimit, authenticate }),
        taskRoutes({
          db,
          links: taskLinks,
          findWarnings: createFindWarnings(db),
          approvalLinks: approvalLinks.make,
        }),
        taskReportRoutes({ db }),
        deleteTaskRoutes({ db }),
        taskStepRoutes({ readWholeStep }),
        replayRoutes({
          replays: createReplays({ db, signals, ranks, checkModel: checks.modelSoon }),
          readAgentOf: (taskId) => readAgentOf(db, taskId),
          readDraft: agents.draft,
        }),
        rehearsalRoutes({
          db,
          rehearse: createRehearse({ db, signals, ranks, checkModel: checks.modelSoon }),
          readDraft: agents.draft,
        }),
        approvalRoutes({ db, links: approvalLinks.make }),
        modelProviderRoutes({
          readProviders: async () => knowProviders(await providers.read({ afresh: true })).all(),
        }),
        providerRoutes({
          providers,
          variablesOf,
          test: async (name, { settings, model }) =>
            catalogue.test(await providers.draft(name, settings), model),
        }),
        modelOfferRoutes({ readOffers: catalogue.read }),
        priceRoutes({ prices }),
        usageRoutes({ db }),
        retentionRoutes({ readRetention: () => readRetention(db, retentionTimes(config)) }),
        overviewRoutes({ readOverview: createReadOverview(db) }),
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
    // First of all: requests that are under way would wait for these.
    stack.defer(() => {
      stopping.abort()
      recall.stop()
    })

    const configured = await providers.read()
    const model = await chooseDemoModel(configured)
    const demo = await ensureDemoAgent({ db, agents, webhooks }, model)
    return {
      url: publicUrl,
      adminKey,
      savedProviders: configured.filter(({ source }) => source === 'saved').map(({ name }) => name),
      confirmAdminKey: () => (confirming ??= confirmAdminKey(db)),
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

/** How long things are kept, with the variable that says so. */
function retentionTimes({ keepTasksDays, keepStepsDays, rejectionDays }: Config): RetentionTimes {
  const of = (days: number, setting: { name: string; default: string }) => ({
    days,
    setting: setting.name,
    default: setting.default,
  })
  return {
    tasks: of(keepTasksDays, SETTINGS.keepTasksDays),
    steps: of(keepStepsDays, SETTINGS.keepStepsDays),
    rejections: of(rejectionDays, SETTINGS.rejectionDays),
  }
}

function agentChecks({
  providers,
  prices,
  mcp,
}: {
  providers: ModelProviders
  prices: Prices
  mcp: McpConnector
}) {
  const detail = (check: { ok: true } | { ok: false; detail: string }) =>
    check.ok ? undefined : check.detail
  return {
    model: async (ref: string) => detail(knowProviders(await providers.read({ afresh: true })).check(ref)),
    /** The same, by what was read in the last seconds: for checks within a transaction, which hold a connection. */
    modelSoon: async (ref: string) => detail(knowProviders(await providers.read()).check(ref)),
    template: (text: string, known?: readonly string[]) => detail(checkTemplate(text, known)),
    urlTemplate: async (text: string, known?: readonly string[]) =>
      detail(await checkUrlTemplate(text, known)),
    jsonSchema: async (schema: unknown) => detail(await checkJsonSchema(schema)),
    hasPrice: async (model: string) => (await prices.of(model, { afresh: true })) !== undefined,
    command: mcp.checkCommand,
  }
}
