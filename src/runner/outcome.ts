import { LeaseLostError } from '../agent/journal.ts'
import { RunFailure } from '../agent/runFailure.ts'
import { RunPause } from '../agent/runPause.ts'
import type { AgentConfig } from '../contract/agent.ts'
import { isStorable, toStorable, toStorableText } from '../contract/storable.ts'
import type { RunError, RunResult, Usage } from '../contract/task.ts'
import type { Pause } from '../tasks/approvals/pause.ts'
import type { ClaimedTask } from '../tasks/claim.ts'
import type { Ending, Requeue } from '../tasks/settle.ts'
import type { Log } from '../telemetry/log.ts'
import { RunStopped } from './persist.ts'
import { retryDelayMs } from './retryPolicy.ts'

/** The outcome of a run: the task ends, is queued again, or waits for a person or a callback. */
export type Outcome = Ending | Requeue | ({ kind: 'paused' } & Pause)

/** The outcome of a failed run; undefined when this worker no longer holds the task. */
export function outcomeOf(
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
  // Providers write into it whatever they like.
  const runError: RunError = { code: failure.code, message: toStorableText(failure.message) }
  const failures = task.failures + 1
  if (failure.retryable && config && failures < config.retry.max_attempts) {
    const delayMs = retryDelayMs(failures, failure.retryAfterMs)
    if (delayMs < remainingMs(task, config, elapsedMs)) return { kind: 'retry', error: runError, delayMs }
    runError.message += ` Its next attempt would have started after limits.timeout_seconds (${config.limits.timeout_seconds}).`
  }
  return { kind: 'failed', error: runError, usage: failure.usage }
}

/**
 * A result that PostgreSQL can read: characters from models and tools that its JSON operators refuse become the
 * replacement character.
 */
export function storableResult(result: RunResult): RunResult {
  return isStorable(result) ? result : toStorable(result, toStorableText)
}

/** The outcome in place of a result that cannot be written: a task must end. */
export function unwritable(usage: Usage): Ending {
  const message = 'The result could not be written; see the worker log.'
  return { kind: 'failed', error: { code: 'run_crashed', message }, usage }
}

/**
 * How long the run may still take, in milliseconds, including restarts: waiting does not count. Durations
 * by the clock of the database, never a difference between the clocks of two machines.
 */
export function remainingMs({ waitedMs }: ClaimedTask, { limits }: AgentConfig, elapsedMs: number): number {
  return limits.timeout_seconds * 1000 + waitedMs - elapsedMs
}
