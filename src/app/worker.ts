import { setTimeout as delay } from 'node:timers/promises'
import { createProcessMemory } from '../agent/processMemory.ts'
import { createAgentRunner, type AgentRunner } from '../agent/run.ts'
import { verifySecretKey } from '../secrets/verifySecretKey.ts'
import { createPrices } from '../agents/prices.ts'
import { createSecrets } from '../secrets/secrets.ts'
import { createVault } from '../secrets/vault.ts'
import { createCallbacks } from '../delivery/callbacks.ts'
import { createMailer } from '../delivery/providers/mailer.ts'
import { createReplySender } from '../delivery/replies/replySender.ts'
import { noticeChores } from '../notices/noticeChores.ts'
import { startNoticeSender } from '../notices/noticeSender.ts'
import { createApprovalLinks } from '../auth/approvalLinks.ts'
import { createLinks } from '../auth/links.ts'
import { createTaskLinks } from '../http/plumbing/taskLinks.ts'
import { startDeliverer } from '../delivery/deliverer.ts'
import { REJECTION_LIMITS } from '../ingress/rejections/trim.ts'
import { createModels } from '../models/models.ts'
import { runAlone, type AloneTask } from '../runner/alone.ts'
import type { StartAlone } from '../runner/suspects.ts'
import { startWorker as startRunner } from '../runner/worker.ts'
import { createFairRanks } from '../queue/fairRank.ts'
import { scheduleChore } from '../schedules/scheduleChore.ts'
import { createBuildTools } from '../tools/buildTools.ts'
import { createGuardedFetch } from '../tools/guardedFetch.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createRunMetrics } from '../telemetry/runMetrics.ts'
import { forgetConversations, releaseConversations } from '../upkeep/chores/conversations.ts'
import { createCallbackAddress, createCallbackTokens } from '../tasks/callbackUrls/callbackTokens.ts'
import { releaseDeferredTasks } from '../upkeep/chores/deferred.ts'
import { settleTasksOfDeletedAgents } from '../upkeep/chores/deletedAgents.ts'
import { forgetAuditEntries } from '../upkeep/chores/auditLog.ts'
import { forgetRejections } from '../upkeep/chores/rejections.ts'
import { countPastTasks } from '../upkeep/chores/activity.ts'
import { forgetFailedAttempts } from '../upkeep/chores/failedAttempts.ts'
import { forgetExpiredKeys } from '../upkeep/chores/dedupeKeys.ts'
import { forgetObjects } from '../upkeep/chores/objects.ts'
import { sweepTasks } from '../upkeep/chores/sweep.ts'
import { forgetRings } from '../upkeep/chores/rings.ts'
import { purgeSteps } from '../upkeep/chores/purgeSteps.ts'
import { purgeTasks } from '../upkeep/chores/purgeTasks.ts'
import { analyzeGrownTables } from '../upkeep/chores/statistics.ts'
import { forgetEndedWorkers } from '../upkeep/chores/workers.ts'
import { startUpkeep } from '../upkeep/upkeep.ts'
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

/** How long one attempt of a delivery may take. */
const DELIVERY_TIMEOUT_MS = 20_000

/**
 * How long a worker that has lost its session may take to stop: deliveries under way end, but connections to a database
 * that cannot be reached are not closed in order.
 */
const CUT_OFF_MS = DELIVERY_TIMEOUT_MS + 5_000

/** How much of the answer to a delivery is read at most. */
const MAX_ANSWER_BYTES = 64 * 1024

/** The same for replies, which read what was made, or a page of the comments of an issue. */
const MAX_REPLY_ANSWER_BYTES = 8 * 1024 * 1024

/** Longer than the time limit of any call can be. */
const MAX_CALL_MS = 13 * 3_600_000

export type RunningWorker = {
  /** Resolves when the worker has stopped: with an error when it lost its database session. */
  ended: Promise<Error | undefined>
  stop(): Promise<void>
}

/** Builds and starts a worker. It does not serve HTTP. */
export async function startWorker(
  options: AppOptions & { startAlone?: StartAlone | undefined },
): Promise<RunningWorker> {
  const parts = await openRunner(options)
  const { stack, metrics, callbacks, secrets, vault, ...runner } = parts
  try {
    const { config } = options
    const worker = await startRunner({
      ...runner,
      telemetry: { ...runner.telemetry, metrics },
      concurrency: config.workerConcurrency,
      graceSeconds: config.shutdownGraceSeconds,
      startAlone: options.startAlone,
    })
    stack.defer(() => worker.stop())
    const { db, signals, url, log } = runner
    const notices = openNotices({ stack, config, db, vault })
    const upkeep = startUpkeep({
      url,
      metrics,
      log,
      chores: [
        sweepTasks({ db, signals, log }),
        releaseDeferredTasks({ db, signals }),
        releaseConversations({ db, signals }),
        forgetConversations(db),
        settleTasksOfDeletedAgents({ db, signals }),
        countPastTasks(db),
        forgetExpiredKeys(db),
        forgetFailedAttempts(db),
        forgetRejections(db, { ...REJECTION_LIMITS, days: options.config.rejectionDays }),
        forgetObjects(db),
        forgetRings(db),
        forgetEndedWorkers(db),
        purgeTasks(db, { days: options.config.keepTasksDays }),
        purgeSteps(db, { days: options.config.keepStepsDays }),
        forgetAuditEntries(db, { days: options.config.keepAuditDays }),
        analyzeGrownTables(db),
        ...noticeChores({ db, settings: notices.settings }),
        scheduleChore({ db, signals, ranks: createFairRanks(), log }),
      ],
    })
    stack.defer(() => upkeep.stop())
    const mailer = createMailer(config.mail)
    stack.defer(() => mailer.close())
    const deliverer = startDeliverer({
      db,
      fetch: openOutbox(stack, config, MAX_ANSWER_BYTES),
      callbacks,
      sendReply: createReplySender({
        db,
        fetch: openOutbox(stack, config, MAX_REPLY_ANSWER_BYTES),
        mailer,
        readSecret: secrets.read,
        makeLinks: createTaskLinks(config.publicUrl, createLinks(options.secretKey)),
        version: VERSION,
      }),
      version: VERSION,
      log,
    })
    stack.defer(() => deliverer.stop())
    const sender = startNoticeSender({
      db,
      ...notices,
      publicUrl: config.publicUrl,
      makeApprovalLinks: createApprovalLinks({
        secret: options.secretKey,
        publicUrl: config.publicUrl,
      }).make,
      log,
    })
    stack.defer(() => sender.stop())
    const cutOff = worker.ended.then((error) =>
      error ? delay(CUT_OFF_MS, undefined, { ref: false }) : NEVER,
    )
    // Stops the worker at once, so that it takes no tasks while the last deliveries end.
    const stopAll = async () => void (await Promise.all([worker.stop(), stack.disposeAsync()]))
    return { ended: worker.ended, stop: once(() => Promise.race([stopAll(), cutOff])) }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

const NEVER = new Promise<never>(() => {})

/** What deliveries are sent with. */
function openOutbox(
  stack: AsyncDisposableStack,
  { allowPrivateNetworks }: AppOptions['config'],
  maxBytes: number,
) {
  const fetch = createGuardedFetch({ allowPrivateNetworks, timeoutMs: DELIVERY_TIMEOUT_MS, maxBytes })
  stack.defer(() => fetch.close())
  return fetch
}

/** Runs one task in this process, and nothing else. Resolves when the run is over. */
export async function runTaskAlone(
  options: AppOptions,
  task: AloneTask & { signal: AbortSignal },
): Promise<void> {
  const {
    stack,
    metrics: _metrics,
    callbacks: _callbacks,
    secrets: _secrets,
    vault: _vault,
    ...runner
  } = await openRunner(options)
  try {
    await runAlone({ ...runner, ...task })
  } finally {
    await Promise.race([stack.disposeAsync(), delay(CUT_OFF_MS, undefined, { ref: false })])
  }
}

/** The model gets what a webhook received as JSON alone: agents that were written for DocsGPT expect that. */
function runAsDocsGpt(run: AgentRunner): AgentRunner {
  return (input) => run({ ...input, plainPayload: input.task.origin === 'webhook' })
}

/** Everything that a run needs, on a stack that stops it. */
async function openRunner({ config, databaseUrl, secretKey, log }: AppOptions) {
  const { stack, db, signals } = await openFoundation({
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
    await verifySecretKey(db, vault)
    const { providers, guard } = await openProviders({ config, db, vault, signals })
    const models = createModels(() => providers.read(), {
      guard,
    })
    stack.defer(() => models.close())
    const secrets = createSecrets({ db, vault })
    // Runs enforce the time limit of each tool call themselves.
    const outside = openOutbound({ stack, config, secrets, timeoutMs: MAX_CALL_MS })
    const prices = createPrices({ db, list: LIST_PRICES })
    const memory = createProcessMemory(config.workerMemoryBytes)
    const run = createAgentRunner({
      models,
      memory,
      buildTools: createBuildTools(outside),
      tracer,
      metrics: runMetrics,
      log,
    })
    return {
      stack,
      db,
      url: databaseUrl,
      signals,
      run: config.compat === 'docsgpt' ? runAsDocsGpt(run) : run,
      priceOf: prices.of,
      memory,
      callbackAddress: createCallbackAddress(createCallbackTokens(secretKey), config.publicUrl),
      metrics,
      telemetry: { runs: runMetrics, tracer },
      leaseSeconds: config.workerLeaseSeconds,
      callbacks: createCallbacks({ db, vault }),
      secrets,
      vault,
      log,
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
