import type { Duplex } from 'node:stream'
import { BellwireError } from '../../errors.ts'

/** How quickly a body of known length has to arrive. */
export type BodyPace = {
  /** Milliseconds that a whole request may take. */
  withinMs: number
  /** Milliseconds by which a body may be late meanwhile. */
  graceMs: number
}

/**
 * Ends the body of a sender that will not be done in time, long before the time is over: a large body has its memory
 * reserved while it arrives. At any moment the share of the body that has arrived must be at least the share of the
 * time that has passed, less the grace. A sender at any even speed that is fast enough is never affected.
 *
 * @param stream destroyed with `request_timeout`
 * @param body its length, and how much of it has arrived so far
 */
export function keepPace(
  stream: Duplex,
  body: { bytes: number; received: () => number },
  { withinMs, graceMs }: BodyPace,
): void {
  const started = performance.now()
  const timer = setInterval(() => {
    const passed = performance.now() - started - graceMs
    if (body.received() >= body.bytes * (passed / withinMs)) return
    stream.destroy(
      new BellwireError('request_timeout', 'The body arrives too slowly to be complete in time.'),
    )
  }, graceMs / 4)
  stream.once('close', () => clearInterval(timer))
}
