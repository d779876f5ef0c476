import { createAgentRunner } from '../agent/run.ts'
import { verifySecretKey } from '../secrets/verifySecretKey.ts'
import { createPrices } from '../agents/prices.ts'
import { createSecrets } from '../secrets/secrets.ts'
import { createVault } from '../secrets/vault.ts'
import { createModels } from '../models/models.ts'
import { startWorker as startRunner } from '../runner/worker.ts'
import { createBuildTools } from '../tools/buildTools.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createRunMetrics } from '../telemetry/runMetrics.ts'
import { openTracer } from '../telemetry/tracing.ts'
import { LIST_PRICES, once, openFoundation, openOutbound, tracing, type AppOptions } from './foundation.ts'

/** Longer than any limit on the time of a call can be. */
const MAX_CALL_MS = 13 * 3_600_000

export type RunningWorker = {
  /** Resolves when the worker has come to its end: with an error when it lost its database session. */
  ended: Promise<Error | undefined>
  stop(): Promise<void>
}

/** Builds and starts what runs agents. It answers no HTTP. */
export async function startWorker({
  config,
  databaseUrl,
  secretKey,
  log,
}: AppOptions): Promise<RunningWorker> {
  const { stack, db, queue, signals } = await openFoundation({
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
    const models = createModels(config.providers, { answerMemoryBytes: config.answerMemoryBytes })
    stack.defer(() => models.close())
    const secrets = createSecrets({ db, vault })
    // The runs limit the time of each call of a tool themselves.
    const outside = openOutbound({ stack, config, secrets, timeoutMs: MAX_CALL_MS })
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
