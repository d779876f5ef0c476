import { LeaseLostError, type Journal } from '../agent/journal.ts'
import type { Step } from '../contract/step.ts'
import { createRecordedWrites } from '../agent/recordedWrites.ts'
import type { RunInput, RunOutcome } from '../agent/runInput.ts'
import { RunFailure } from '../agent/runFailure.ts'
import { RunPause } from '../agent/runPause.ts'
import type { AgentConfig } from '../contract/agent.ts'
import { parseExact } from '../contract/exactJson.ts'
import type { ModelPrice } from '../contract/price.ts'
import type { RunError, Usage } from '../contract/task.ts'
import type { Database } from '../db/database.ts'
import { errorKind } from '../db/errorKind.ts'
import type { Signals } from '../db/signals.ts'
import type { Decision } from '../contract/decision.ts'
import { readDecisions } from '../tasks/approvals/approvals.ts'
import { readAttachments } from '../tasks/attachments.ts'
import { keepSummary, keepTurn } from '../tasks/conversations/keepTurn.ts'
import { readEarlier, readJoined } from '../tasks/conversations/readEarlier.ts'
import { releaseNext } from '../tasks/conversations/releaseNext.ts'
import { readPayload, readRevision, type ClaimedTask } from '../tasks/claim.ts'
import type { Pause } from '../tasks/approvals/pause.ts'
import type { Ending, Requeue, Settler } from '../tasks/settle.ts'
import { wasSettled } from '../tasks/wasSettled.ts'
import { encodeUpdate, UPDATE_CHANNEL } from '../tasks/follow/channels.ts'
import { readReplay } from '../tasks/replay/readReplay.ts'
import type { Replay } from '../tasks/replay/replay.ts'
import { readSteps, type StepWriter } from '../tasks/steps.ts'
import type { Log } from '../telemetry/log.ts'
import type { RunMetrics } from '../telemetry/runMetrics.ts'
import type { Listeners } from './listeners.ts'
import { createLiveText, type LiveText } from './liveText.ts'
import { openCallbackUrls, type CallbackAddress } from './openCallbackUrls.ts'
import { retryDelayMs } from './retryPolicy.ts'
import { traceQueue, type WorkerTelemetry } from './workerTelemetry.ts'

/** Why a run was stopped from outside: the reason of its abort signal. */
export class RunStopped extends Error {
  readonly why: 'cancelled' | 'shutdown' | 'lease_lost'
  constructor(why: 'cancelled' | 'shutdown' | 'lease_lost') {
    super(`the run was stopped: ${why}`)
    this.name = 'RunStopped'
    this.why = why
  }
}

/** The price of a model's tokens; undefined when unknown. */
export type PriceOf = (model: string, options: { afresh: boolean }) => Promise<ModelPrice | undefined>

export type ExecuteParts = {
  db: Database
  signals: Signals
  listeners: Listeners
  settler: Settler
  stepWriter: StepWriter
  run: (input: RunInput) => Promise<RunOutcome>
  priceOf: PriceOf
  /** Without it, runs have no callback URLs. */
  callbackAddress?: CallbackAddress | undefined
  telemetry: Pick<WorkerTelemetry, 'runs' | 'tracer'>
  log: Log
}

/** The outcome of a run: the task ends, is queued again, or waits for a person or a callback. */
type Outcome = Ending | Requeue | ({ kind: 'paused' } & Pause)

/** Runs one claimed task and writes its outcome. Never rejects. */
export type Execute = (task: ClaimedTask, signal: AbortSignal) => Promise<void>

export function createExecute(parts: ExecuteParts): Execute {
  const revision = createRevisionCache(parts.db)

  return async (task, signal) => {
    const log = parts.log.child({ task_id: task.taskId, attempt: task.attempt })
    log.info({ agent_id: task.agentId }, 'task started')
    parts.telemetry.runs.transition('STARTED', 'claimed')
    traceQueue(parts.telemetry.tracer, task)
    if (parts.listeners.isWatched(task.taskId)) {
      parts.signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: task.taskId, type: 'changed' }))
    }
    const started = performance.now()
    const elapsedMs = (): number => task.elapsedMs + performance.now() - started
    let config: AgentConfig | undefined
    let outcome: Outcome | undefined
    try {
      const replay = isReplay(task)
        ? await persist(signal, () => readReplay(parts.db, task.taskId))
        : undefined
      config = replay?.config ?? (await persist(signal, () => revision(task.agentId, task.revision)))
      const { result, usage, said } = await runTask(parts, { task, config, replay }, signal)
      // Before the end: whatever has succeeded is seen by the next task.
      if (task.conversationId !== undefined && said) {
        await persist(signal, () => keepTurn(parts.db, task.taskId, said.message))
      }
      outcome = { kind: 'succeeded', result, usage, joined: said?.joined ?? 0 }
    } catch (error) {
      outcome = outcomeOf(error, { task, config, signal, log, elapsedMs: elapsedMs() })
    }
    if (!outcome) {
      log.warn('late result dropped: this worker no longer holds the task')
      return
    }
    try {
      const settled = await settle(parts, task, outcome, signal).catch((error: unknown) => {
        const kind = errorKind(error)
        // An unavailable database does not make the result invalid: the next worker has the journal.
        if (outcome.kind !== 'succeeded' || kind === 'unavailable' || kind === 'conflict') throw error
        log.error({ err: error }, 'the result could not be written; the task fails')
        return settle(parts, task, unwritable(outcome.usage), signal)
      })
      if (settled) {
        log.info(summary(outcome), 'task settled')
        count(parts.telemetry.runs, outcome, elapsedMs() / 1_000)
        await releaseSuccessor(parts, task, outcome)
      } else if (outcome.kind === 'succeeded' && (await continueWithJoined(parts, task, signal))) {
        log.info('a request has joined the task: the run continues')
      } else log.warn('late result dropped: this worker no longer holds the task')
    } catch (error) {
      log.error({ err: error }, 'the outcome could not be written; the task is handed back')
    }
  }
}

/**
 * Queues a task again whose run ended just when a request joined it: from its journal it comes to the same point, and
 * goes on with that request.
 *
 * @returns false when this worker no longer holds the task
 */
async function continueWithJoined(
  { settler }: ExecuteParts,
  task: ClaimedTask,
  signal: AbortSignal,
): Promise<boolean> {
  if (task.conversationId === undefined) return false
  return persist(signal, () => settler.requeue(task, { kind: 'joined' }))
}

/** Starts the next task of the conversation. */
async function releaseSuccessor(
  { db, signals, log }: ExecuteParts,
  { conversationId, turn }: ClaimedTask,
  { kind }: Outcome,
): Promise<void> {
  if (conversationId === undefined || turn === undefined) return
  if (kind !== 'succeeded' && kind !== 'failed') return
  await releaseNext({ db, signals }, [conversationId]).catch((error: unknown) =>
    log.warn({ err: error }, 'the next task of a conversation will be released a little later'),
  )
}

async function runTask(
  parts: ExecuteParts,
  { task, config, replay }: { task: ClaimedTask; config: AgentConfig; replay: Replay | undefined },
  signal: AbortSignal,
): Promise<RunOutcome> {
  const liveText = createLiveText(parts, task)
  try {
    const payload = task.payload ?? (await persist(signal, () => readPayload(parts.db, task.taskId)))
    const payloadText = payload.toString('utf8')
    const { journal, rows } = await openJournal(parts, task, signal, liveText)
    return await parts.run({
      task: {
        id: task.taskId,
        createdAt: task.createdAt,
        origin: task.origin,
        senderTrusted: task.senderTrusted,
        continues: replay?.continues,
      },
      agent: { id: task.agentId, revision: task.revision, config },
      payload: parseExact(payloadText),
      payloadText,
      request: task.request,
      attachments: await persist(signal, () =>
        readAttachments(parts.db, task.taskId, task.request.attachments),
      ),
      conversation: openConversation(parts, task, signal),
      journal,
      record: replay?.record && createRecordedWrites(replay.record, rows, replay),
      price: await persist(signal, () => priceFor(config, parts.priceOf)),
      decisions: await openDecisions(parts, { task, replay }, signal),
      callbackUrls:
        parts.callbackAddress &&
        openCallbackUrls(
          { db: parts.db, address: parts.callbackAddress, persist: (work) => persist(signal, work) },
          task,
        ),
      onModelCall: liveText.begin,
      onPiece: liveText.write,
      isWatched: () => task.streamed || parts.listeners.isWatched(task.taskId),
      trace: { attempt: task.attempt, parent: task.traceParent },
      signal,
      deadline: Date.now() + remainingMs(task, config, task.elapsedMs),
    })
  } finally {
    liveText.close()
  }
}

/**
 * How long the run may still take, in milliseconds, including restarts: waiting does not count. Durations
 * by the clock of the database, never a difference between the clocks of two machines.
 */
function remainingMs({ waitedMs }: ClaimedTask, { limits }: AgentConfig, elapsedMs: number): number {
  return limits.timeout_seconds * 1000 + waitedMs - elapsedMs
}

/** A cost limit uses the current price; for the accounts alone, a price some seconds old is sufficient. */
function priceFor({ model, limits }: AgentConfig, priceOf: PriceOf): Promise<ModelPrice | undefined> {
  return priceOf(model, { afresh: limits.max_cost_usd !== undefined })
}

/** Whether it takes something from an earlier task. */
function isReplay({ origin }: ClaimedTask): boolean {
  return origin === 'replay' || origin === 'rehearsal'
}

/**
 * The journal of one task in the database: rows of earlier attempts, and those that a replay begins with, are read once,
 * at the start.
 */
async function openJournal(
  parts: ExecuteParts,
  task: ClaimedTask,
  signal: AbortSignal,
  liveText: LiveText,
): Promise<{ journal: Journal; rows: Step[] }> {
  const rows = new Map<string, Step>()
  if (task.attempt > 1 || isReplay(task)) {
    for (const step of await persist(signal, () => readSteps(parts.db, task.taskId))) rows.set(step.key, step)
  }
  const write = async (step: Step): Promise<void> => {
    const isWatched = parts.listeners.isWatched(task.taskId)
    const held = await persist(signal, () => parts.stepWriter.write(task, step, isWatched))
    if (!held) throw new LeaseLostError(task.taskId)
    rows.set(step.key, step)
  }
  const finish = async (step: Step): Promise<void> => {
    await write(step)
    if (step.kind === 'model') liveText.end()
  }
  return { journal: { find: (key) => rows.get(key), begin: write, finish }, rows: [...rows.values()] }
}

/** What was said before in the conversation of a task, and what is added to it meanwhile. */
function openConversation(
  { db }: ExecuteParts,
  { taskId, conversationId, turn }: ClaimedTask,
  signal: AbortSignal,
): RunInput['conversation'] {
  if (conversationId === undefined) return undefined
  return {
    readEarlier: (maxChars) =>
      persist(signal, () => readEarlier(db, { taskId, conversationId, turn }, maxChars)),
    keepSummary: (summary) => persist(signal, () => keepSummary(db, conversationId, summary)),
    readJoined: (after) => persist(signal, () => readJoined(db, taskId, after)),
  }
}

/** Decisions about calls of the task. None are added while it runs: it waits for them in the database. */
async function openDecisions(
  parts: ExecuteParts,
  { task, replay }: { task: ClaimedTask; replay: Replay | undefined },
  signal: AbortSignal,
): Promise<(key: string) => Decision | undefined> {
  const earlier = replay?.continues?.taskIds
  if (task.attempt === 1 && !earlier) return () => undefined
  const decisions = await persist(signal, () => readDecisions(parts.db, task.taskId, earlier))
  return (key) => decisions.get(key)
}

/** The outcome of a failed run; undefined when this worker no longer holds the task. */
function outcomeOf(
  error: unknown,
  {
    task,
    config,
    signal,
    log,
    elapsedMs,
  }: {
    task: ClaimedTask
    config: AgentConfig | undefined
    signal: AbortSignal
    log: Log
    elapsedMs: number
  },
): Outcome | undefined {
  const reason: unknown = signal.aborted ? signal.reason : error
  if (error instanceof LeaseLostError) return undefined
  if (reason instanceof RunStopped) return reason.why === 'shutdown' ? { kind: 'handed_back' } : undefined
  if (error instanceof RunPause && config) {
    return { kind: 'paused', requests: error.requests, timeoutSeconds: config.approvals.timeout_seconds }
  }

  const failure =
    error instanceof RunFailure
      ? error
      : new RunFailure('run_crashed', 'The run failed with an unexpected error; see the worker log.', {
          retryable: true,
        })
  if (failure !== error) log.error({ err: error }, 'unexpected error in a run')
  const runError: RunError = { code: failure.code, message: failure.message }
  const failures = task.failures + 1
  if (failure.retryable && config && failures < config.retry.max_attempts) {
    const delayMs = retryDelayMs(failures, failure.retryAfterMs)
    if (delayMs < remainingMs(task, config, elapsedMs)) return { kind: 'retry', error: runError, delayMs }
    runError.message += ` Its next attempt would have started after limits.timeout_seconds (${config.limits.timeout_seconds}).`
  }
  return { kind: 'failed', error: runError, usage: failure.usage }
}

/** The outcome in place of a result that cannot be written: a task must end. */
function unwritable(usage: Usage): Ending {
  const message = 'The result could not be written; see the worker log.'
  return { kind: 'failed', error: { code: 'run_crashed', message }, usage }
}

/** @returns false when this worker no longer holds the task, and the outcome is not its own */
async function settle(
  parts: ExecuteParts,
  task: ClaimedTask,
  outcome: Outcome,
  signal: AbortSignal,
): Promise<boolean> {
  let tries = 0
  const settled = await persist(signal, () => {
    tries += 1
    switch (outcome.kind) {
      case 'succeeded':
      case 'failed':
        return parts.settler.end(task, outcome)
      case 'paused':
        return parts.settler.pause(task, outcome)
      default:
        return parts.settler.requeue(task, outcome)
    }
  })
  if (settled || tries === 1) return settled
  // The response to an earlier try may have been lost after its commit, and with it the notification.
  const wrote = await persist(signal, () => wasSettled(parts.db, task, outcome.kind))
  if (wrote) parts.signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: task.taskId, type: 'changed' }))
  return wrote
}

/** After this many attempts an unknown error counts as permanent. */
const MAX_UNKNOWN_ERRORS = 3

/**
 * Repeats a write or read while the database is unavailable, as long as the worker lives: a result that was paid for is
 * not discarded because PostgreSQL restarts. The fencing token makes the repetition safe.
 */
async function persist<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  let others = 0
  for (let wait = 50; ; wait = Math.min(wait * 2, 2_000)) {
    try {
      return await work()
    } catch (error) {
      const kind = errorKind(error)
      const lost = signal.reason instanceof RunStopped && signal.reason.why === 'lease_lost'
      // An error of an unknown class may be transient as well, such as an internal error of the server.
      if (kind === 'other') others += 1
      if (lost || kind === 'data' || others > MAX_UNKNOWN_ERRORS) throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

/** Revisions never change: each is read once. */
function createRevisionCache(db: Database, maxEntries = 1_000) {
  const cache = new Map<string, AgentConfig>()
  return async (agentId: string, revision: number): Promise<AgentConfig> => {
    const key = `${agentId} ${revision}`
    const known = cache.get(key)
    if (known) return known
    const config = await readRevision(db, agentId, revision)
    if (cache.size >= maxEntries) cache.clear()
    cache.set(key, config)
    return config
  }
}

function count(runs: RunMetrics, outcome: Outcome, seconds: number): void {
  switch (outcome.kind) {
    case 'paused':
      return runs.transition('WAITING', isForCallbacks(outcome) ? 'callback_awaited' : 'approval_requested')
    case 'succeeded':
      runs.transition('SUCCESS', 'succeeded')
      return runs.run('ok', seconds)
    case 'failed':
      runs.transition('FAILURE', 'failed')
      return runs.run(outcome.error.code, seconds)
    default:
      return runs.transition('STARTED', outcome.kind)
  }
}

function isForCallbacks({ requests }: Pause): boolean {
  return requests.every(({ callbackId }) => callbackId !== undefined)
}

function summary(outcome: Outcome): Record<string, unknown> {
  switch (outcome.kind) {
    case 'paused':
      return { state: 'WAITING', waits: outcome.requests.length }
    case 'succeeded':
      return { state: 'SUCCESS' }
    case 'failed':
      return { state: 'FAILURE', code: outcome.error.code }
    case 'retry':
      return { state: 'STARTED', next: 'retry', code: outcome.error.code, delay_ms: outcome.delayMs }
    default:
      return { state: 'STARTED', next: 'handed_back' }
  }
}
