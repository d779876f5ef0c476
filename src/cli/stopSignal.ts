import { startedByNpm } from '../config/environment.ts'
import type { Log } from '../telemetry/log.ts'

export type StopSignal = {
  /** Resolves once a stop is requested. */
  wanted: Promise<void>
  /** Aborted at the same moment, with {@link StopRequested}: for a start that is still in progress. */
  signal: AbortSignal
  /** Stops listening: from then on signals have their usual effect. */
  dispose(): void
}

/** A stop was requested before everything had started. Not a failure. */
export class StopRequested extends Error {
  constructor() {
    super('stop requested while starting')
    this.name = 'StopRequested'
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const LOOK_FOR_PARENT_MS = 200

/**
 * Listens for requests to stop this process: a signal, the end of the process that started it with a channel to it
 * (however that ended), or the end of npm. Further signals have no effect.
 */
export function createStopSignal(log: Log): StopSignal {
  const { promise, resolve } = Promise.withResolvers<void>()
  const controller = new AbortController()
  const ask = (reason: string) => {
    if (controller.signal.aborted) log.info({ reason }, 'already stopping')
    else log.info({ reason }, 'stopping')
    controller.abort(new StopRequested())
    resolve()
  }
  const listeners = SIGNALS.map((signal) => ({ signal, listener: () => ask(signal) }))
  const onDisconnect = () => ask('the parent process is stopping or has exited')

  for (const { signal, listener } of listeners) process.on(signal, listener)
  process.on('disconnect', onDisconnect)
  // It may have closed already. Without a channel the property does not exist.
  if ('connected' in process && !process.connected) onDisconnect()
  const parent = startedByNpm() ? watchParent(() => ask('npm has exited')) : undefined
  return {
    wanted: promise,
    signal: controller.signal,
    dispose() {
      for (const { signal, listener } of listeners) process.off(signal, listener)
      process.off('disconnect', onDisconnect)
      clearInterval(parent)
    },
  }
}

/**
 * npm runs a script through a shell, and a signal to npm ends that shell without reaching this process: the only
 * visible effect is a different parent.
 */
function watchParent(onGone: () => void): NodeJS.Timeout {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, LOOK_FOR_PARENT_MS)
  return timer.unref()
}
