import type { Signals } from './signals.ts'

/** News that something has changed, for caches that then forget what they remember of it. */
export type Announcements = {
  /** Calls every listener of this process before it returns, and soon those of others. */
  announce(): void
  /** The listener is told that something has changed, not what: it forgets all that it remembers. */
  listen(listener: () => void): void
}

/** Announcements that stay within this process. */
export function createAnnouncements(): Announcements {
  const listeners: (() => void)[] = []
  return {
    announce: () => listeners.forEach((listener) => listener()),
    listen: (listener) => void listeners.push(listener),
  }
}

/** Announcements that reach all processes on one database within a fraction of a second. */
export async function shareAnnouncements(signals: Signals, channel: string): Promise<Announcements> {
  const here = createAnnouncements()
  // After a gap something may have been missed.
  await signals.subscribe(channel, { onMessage: here.announce, onGap: here.announce })
  return {
    announce() {
      here.announce()
      signals.publish(channel, '')
    },
    listen: here.listen,
  }
}
