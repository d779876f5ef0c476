import { performance } from 'node:perf_hooks'
import { repeat, type Repetition } from '../db/repeat.ts'
import type { Signals } from '../db/signals.ts'

/** Notifies workers that a front door is at its limit because it lacks processor time. The message is empty. */
export const PRESSURE_CHANNEL = 'bellwire_pressure'

/** How often a front door checks itself, and repeats the message. */
export const PRESSURE_EVERY_MS = 100

/** Share of the time that the event loop is busy; below this, it has room for more requests. */
const BUSY = 0.6

/** Share of the time that it waits for a processor; more than the noise of an idle machine. */
const WAITING = 0.15

/** What the event loop has done since the process started, in milliseconds. */
export type LoopTime = {
  elapsed: number
  /** Not waiting for events. */
  active: number
  /** On a processor. */
  processor: number
}

/**
 * Compares how long the event loop was busy with the processor time that it got. While it is busy most of the time and
 * has to wait for a processor, other processes take the time that accepting needs, so workers are notified to start
 * fewer runs for a moment.
 */
export function announcePressure({
  signals,
  read = readLoopTime,
  everyMs = PRESSURE_EVERY_MS,
}: {
  signals: Pick<Signals, 'publish'>
  read?: () => LoopTime
  everyMs?: number
}): Repetition {
  let last = read()
  return repeat(
    () => {
      const now = read()
      if (lacksProcessor(last, now)) signals.publish(PRESSURE_CHANNEL, '')
      last = now
    },
    { everyMs },
  )
}

function lacksProcessor(before: LoopTime, after: LoopTime): boolean {
  const elapsed = after.elapsed - before.elapsed
  const active = after.active - before.active
  const waited = active - (after.processor - before.processor)
  return active > BUSY * elapsed && waited > WAITING * elapsed
}

function readLoopTime(): LoopTime {
  const { active, idle } = performance.eventLoopUtilization()
  const { user, system } = process.threadCpuUsage()
  return { elapsed: active + idle, active, processor: (user + system) / 1_000 }
}
