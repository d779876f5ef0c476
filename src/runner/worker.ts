import type { ProcessMemory } from '../agent/processMemory.ts'
import type { RunInput, RunOutcome } from '../agent/runInput.ts'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { repeat } from '../db/repeat.ts'
import { takeOver } from '../tasks/recover.ts'
import { createSettler } from '../tasks/settle.ts'
import { createStepWriter } from '../tasks/steps.ts'
import type { Log } from '../telemetry/log.ts'
import { createDispatcher } from './dispatcher.ts'
import { createExecute } from './execute.ts'
import { createListeners } from './listeners.ts'
import type { CallbackAddress } from './openCallbackUrls.ts'
import type { PriceOf } from './runTask.ts'
import { openSession } from './session.ts'
import { createSuspects, type StartAlone } from './suspects.ts'
import { noTelemetry, type WorkerTelemetry } from './workerTelemetry.ts'

const LOOK_FOR_DEAD_MS = 500
const LOOK_FOR_SUSPECTS_MS = 1_000
const WRITE_METRICS_MS = 2_000

export type Worker = {
  /**
   * Resolves without an error when the worker has stopped after `stop`, and with one as soon as its session is lost.
   */
  ended: Promise<Error | undefined>
  /** Claims no more tasks, lets runs end within the grace period, hands the rest back. Can be called twice. */
  stop(): Promise<void>
}

/** Starts a worker: it claims tasks, runs them, and takes over those of dead workers. */
export async function startWorker({
  db,
  url,
  signals,
  run,
  memory,
  priceOf,
  callbackAddress,
  concurrency,
  leaseSeconds,
  graceSeconds,
  telemetry = noTelemetry,
  startAlone,
  log,
}: {
  db: Database
  url: string
  signals: Signals
  run: (input: RunInput) => Promise<RunOutcome>
  memory?: ProcessMemory
  priceOf: PriceOf
  callbackAddress?: CallbackAddress | undefined
  concurrency: number
  leaseSeconds: number
  graceSeconds: number
  telemetry?: WorkerTelemetry
  /** How suspects are run; without it they wait for a worker that supports it. */
  startAlone?: StartAlone | undefined
  log: Log
}): Promise<Worker> {
  // What a failed start has opened is closed again: another attempt may follow in this process.
  await using opened = new AsyncDisposableStack()
  const session = await openSession(db, url, {
    leaseSeconds,
    onError: (error) => log.warn({ err: error }, 'heartbeat failed'),
  })
  opened.defer(() => session.close())
  const settler = createSettler({ db, signals })
  const listeners = await createListeners(signals)
  opened.defer(() => listeners.stop())
  const execute = createExecute({
    db,
    signals,
    listeners,
    settler,
    stepWriter: createStepWriter({ db, signals }),
    run,
    memory,
    priceOf,
    callbackAddress,
    lost: session.lost,
    telemetry,
    log,
  })
  const { workerId } = session
  const dispatcher = createDispatcher({ db, signals, execute, settler, workerId, concurrency, log })
  let writtenMetrics = ''
  const every = (everyMs: number, what: string, work: () => Promise<unknown>) =>
    repeat(work, {
      everyMs,
      onError: (error) => void (stopping ?? log.warn({ err: error }, `${what} failed; retrying`)),
    })
  const suspects = startAlone && createSuspects({ db, signals, workerId, startAlone, log })
  let stopping: Promise<void> | undefined
  // Each worker checks the others by itself: an elected leader may be the dead one.
  const repetitions = [
    every(LOOK_FOR_DEAD_MS, 'the check for lost workers', takeOverTheDead),
    every(WRITE_METRICS_MS, 'writing metrics', writeMetrics),
    ...(suspects ? [every(LOOK_FOR_SUSPECTS_MS, 'the check for suspects', () => suspects.look())] : []),
  ]
  let end: (error: Error | undefined) => void = () => {}
  const ended = new Promise<Error | undefined>((resolve) => (end = resolve))

  // Also while it stops: the grace period may be longer than the lease, and other workers then take over its tasks.
  const abandon = (): void => {
    const error: unknown = session.lost.reason
    log.error({ err: error }, 'the worker session is lost; all its runs are stopped')
    for (const repetition of repetitions) void repetition.stop()
    dispatcher.abandon()
    listeners.stop()
    end(error instanceof Error ? error : new Error(String(error)))
  }
  session.lost.addEventListener('abort', abandon)
  if (session.lost.aborted) abandon()
  const running = opened.move()
  const stop = () =>
    (stopping ??= (async () => {
      await Promise.all(repetitions.map((repetition) => repetition.stop()))
      await dispatcher.stop(graceSeconds * 1000)
      await running.disposeAsync()
      end(undefined)
    })())
  try {
    await dispatcher.start()
  } catch (error) {
    await stop()
    throw error
  }
  log.info({ worker_id: workerId, concurrency }, 'worker ready')
  return { ended, stop }

  async function takeOverTheDead(): Promise<void> {
    for (const dead of await session.findDead()) {
      const tasks = await takeOver({ db, signals }, dead)
      log.warn({ worker_id: dead, tasks }, 'a worker was lost; its tasks are queued again')
    }
  }

  /** Stores this process's counters where every API process can read them. */
  async function writeMetrics(): Promise<void> {
    const text = JSON.stringify(telemetry.metrics.read())
    if (text === writtenMetrics) return
    await db.pool.query({
      name: 'worker_metrics',
      text: 'update bellwire.workers set metrics = $2 where id = $1',
      values: [workerId, text],
    })
    writtenMetrics = text
  }
}
