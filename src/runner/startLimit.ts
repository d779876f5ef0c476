import { PRESSURE_EVERY_MS } from '../queue/pressure.ts'

/** Runs that a worker may start per second under pressure. */
export const STARTS_PER_SECOND = 400

/** Runs that may start together: they share what claiming them and writing their ends costs. */
export const TOGETHER = 50

/** How long one message counts: several intervals, so that a late one does not lift the limit. */
export const LASTS_MS = 4 * PRESSURE_EVERY_MS

export type StartLimit = {
  /** Accepting lacks processor time: limits starts for the next {@link LASTS_MS}. */
  press(): void
  /** How many runs may start now: infinitely many without pressure. */
  allowed(): number
  /** Milliseconds until some may start; 0 if some may start now. */
  waitMs(): number
  /** Counts runs that have started. */
  started(runs: number): void
}

/**
 * Limits how many runs a worker starts per second while accepting lacks processor time: requests that nobody accepts are
 * lost, accepted tasks only start later. Runs that wait for real models hardly ever reach the limit.
 *
 * @param now milliseconds of a clock that only grows
 */
export function createStartLimit(now: () => number = () => performance.now()): StartLimit {
  let pressedUntil = -Infinity
  let nextAt = -Infinity
  return {
    press() {
      pressedUntil = now() + LASTS_MS
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
