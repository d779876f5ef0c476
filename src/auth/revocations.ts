import type { Signals } from '../db/signals.ts'

const CHANNEL = 'bellwire_revocations'

/** Notifies of keys, sessions and owners of keys that are no longer valid. */
export type Revocations = {
  /** Notifies every listener of this process before it returns, and those of other processes soon after. */
  announce(): void
  /** The listener is notified that something was revoked, not what: it clears everything it has cached. */
  listen(listener: () => void): void
}

/** Revocations that stay within this process. */
export function createRevocations(): Revocations {
  const listeners: (() => void)[] = []
  return {
    announce: () => listeners.forEach((listener) => listener()),
    listen: (listener) => void listeners.push(listener),
  }
}

/** Revocations shared by all processes on one database, within a fraction of a second. */
export async function shareRevocations(signals: Signals): Promise<Revocations> {
  const here = createRevocations()
  // After a gap something may have been missed.
  await signals.subscribe(CHANNEL, { onMessage: here.announce, onGap: here.announce })
  return {
    announce() {
      here.announce()
      signals.publish(CHANNEL, '')
    },
    listen: here.listen,
  }
}
