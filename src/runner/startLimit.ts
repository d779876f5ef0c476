import { PRESSURE_EVERY_MS } from '../queue/pressure.ts'

/** Runs that a worker may start per second under pressure. */
export const STARTS_PER_SECOND = 150

/** Runs that may start together: they share the cost of claiming them and of writing their outcomes. */
export const TOGETHER = 50

/** How long one message applies: several intervals, so that a late message does not lift the limit. */
export const LASTS_MS = 10 * PRESSURE_EVERY_MS

export type StartLimit = {
  /** A front door lacks processor time: limits starts for the next {@link LASTS_MS}. True if they were not limited before. */
  press(): boolean
  /** How many runs may start now; `Infinity` without pressure. */
  allowed(): number
  /** Milliseconds until some may start; 0 if some may start now. */
  waitMs(): number
  /** Counts runs that have started. */
  started(runs: number): void
}

/**
 * Limits how many runs a worker starts per second while a front door lacks processor time: a request that is not
 * accepted is lost, but an accepted task only starts later. Runs that wait for real models hardly ever reach the limit.
 *
 * @param now milliseconds of a monotonic clock
 */
export function createStartLimit(now: () => number = () => performance.now()): StartLimit {
  let pressedUntil = -Infinity
  let nextAt = -Infinity
  return {
    press() {
      const begins = now() >= pressedUntil
      pressedUntil = now() + LASTS_MS
      return begins
    },
    allowed() {
      if (now() >= pressedUntil) return Infinity
      return now() >= nextAt ? TOGETHER : 0
    },
    waitMs: () => (now() >= pressedUntil ? 0 : Math.max(0, nextAt - now())),
    started(runs) {
      const isPressed = now() < pressedUntil
      nextAt = isPressed ? Math.max(nextAt, now()) + (runs * 1_000) / STARTS_PER_SECOND : -Infinity
    },
  }
}
