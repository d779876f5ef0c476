import { createAnnouncements, shareAnnouncements, type Announcements } from '../db/announcements.ts'
import type { Signals } from '../db/signals.ts'

const CHANNEL = 'bellwire_revocations'

/** News that a key, a session or whatever a key belongs to is no longer valid. */
export type Revocations = Announcements

/** Revocations that stay within this process. */
export const createRevocations: () => Revocations = createAnnouncements

/** Revocations that all processes on one database tell each other, within a fraction of a second. */
export const shareRevocations = (signals: Signals): Promise<Revocations> =>
  shareAnnouncements(signals, CHANNEL)
