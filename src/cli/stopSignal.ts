import { startedByNpm } from '../config/environment.ts'
import type { Log } from '../telemetry/log.ts'

export type StopSignal = {
  /** Resolves once we are asked to stop. */
  wanted: Promise<void>
  /** Aborted at the same moment, with {@link StopRequested}: for a start that is still under way. */
  signal: AbortSignal
  /** Stops listening: from now on signals have their usual effect. */
  dispose(): void
}

/** We were asked to stop before everything had started. Not a failure. */
export class StopRequested extends Error {
  constructor() {
    super('asked to stop while starting')
    this.name = 'StopRequested'
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const LOOK_FOR_PARENT_MS = 200

/**
 * Listens for the wish that this process stops: a signal, or the end of the process that started it with a
 * channel to it (however that ended), or the end of npm. Further signals do no harm.
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
  // It may have closed before we listened. Without a channel there is no such property.
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
 * npm runs a script through a shell, and a signal to npm ends that shell without reaching us: all that we see
 * is another parent.
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
