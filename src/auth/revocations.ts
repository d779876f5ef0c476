import type { Signals } from '../db/signals.ts'

const CHANNEL = 'bellwire_revocations'

/** News that a key, a session or whatever a key belongs to is no longer valid. */
export type Revocations = {
  /** Tells every listener of this process before it returns, and soon those of others. */
  announce(): void
  /** The listener hears that something was revoked, not what: it forgets all that it remembers. */
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

/** Revocations that all processes on one database tell each other, within a fraction of a second. */
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
