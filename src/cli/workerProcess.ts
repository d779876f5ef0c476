import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { ownEnvironment } from '../config/environment.ts'
import type { Log } from '../telemetry/log.ts'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** A worker that lived this long did not fail at start: the next pause is short again. */
const LONG_LIFE_MS = 30_000
/** In addition to the grace period of running tasks: time to shut down. */
const CLOSING_MS = 5_000

export type WorkerProcess = { stop(): Promise<void> }

type End = { code?: number | null; signal?: string | null; reason?: string }

export type WorkerProcessOptions = {
  /** The file that node runs, with the argument `worker`. */
  program: string
  /** What the worker needs in addition to this process's environment. */
  environment: Readonly<Record<string, string>>
  graceSeconds: number
  log: Log
}

/**
 * Runs the worker in a child process and starts another one when it dies. The worker stops by itself when this process
 * ends, however it ends: it watches the channel between the two.
 */
export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  const { log } = options
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  const loop = keepRunning()

  async function keepRunning(): Promise<void> {
    let pause = FIRST_PAUSE_MS
    while (!stopping.signal.aborted) {
      const started = Date.now()
      const end = await runOnce()
      if (stopping.signal.aborted) return
      if (Date.now() - started > LONG_LIFE_MS) pause = FIRST_PAUSE_MS
      log.warn({ ...end, restart_in_ms: pause }, 'the worker process exited; starting another one')
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    }
  }

  /** Resolves when the process has ended. */
  function runOnce(): Promise<End> {
    return new Promise<End>((resolve) => {
      const worker = fork(options.program, ['worker'], {
        env: ownEnvironment(options.environment),
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        // In its own session: a Ctrl-C in the terminal goes to this process, which stops the worker.
        detached: process.platform !== 'win32',
      })
      child = worker
      worker.on('error', (error) => resolve({ reason: error.message }))
      worker.on('exit', (code, signal) => resolve({ code, signal }))
    }).finally(() => (child = undefined))
  }

  async function stop(): Promise<void> {
    stopping.abort()
    const worker = child
    if (worker?.connected) worker.disconnect()
    const patience = delay(options.graceSeconds * 1000 + CLOSING_MS, 'late', { ref: false })
    if ((await Promise.race([loop, patience])) === 'late') {
      log.warn('the worker process did not stop; killing it')
      worker?.kill('SIGKILL')
      await loop
    }
  }

  let stopped: Promise<void> | undefined
  return { stop: () => (stopped ??= stop()) }
}
