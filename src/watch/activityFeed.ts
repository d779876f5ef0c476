import pLimit from 'p-limit'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { decodeUpdate, UPDATE_CHANNEL } from '../tasks/follow/channels.ts'
import type { Activity } from './activity.ts'
import { hasSeen, isAfter, unite, type Position } from './position.ts'
import { createReadActivity, readNow } from './readActivity.ts'

/** How often new events are looked for: not everything that is one is announced. */
const POLL_EVERY_MS = 1_000

/** An announced change is looked at after this time, together with others. */
const GATHER_MS = 100

/** How often followers get the present position, so that those who filter much need not read all of it again. */
const PLACE_EVERY_MS = 15_000

/** Events that are kept for followers who come back soon. */
const KEPT = 2_000

/** Followers that read what they have missed at the same time; the others wait. */
const CATCHING_UP = 2

/** Receives all events; which of them it wants is its own affair. */
export type ActivityFollower = {
  onEvents(events: readonly Activity[]): void
  /** Nothing else has happened before this position. */
  onPosition(position: Position): void
  /** Resolves when it can take more of what it has missed. */
  ready(): Promise<void>
  /** What it has missed cannot be read: it has to come back later. */
  onError(error: unknown): void
  /** The server stops. */
  onEnd(): void
}

/** Everything that happens, for any number of followers in this process: one query reads it for all of them. */
export type ActivityFeed = {
  /**
   * Prepares following from a position on; from now on without one.
   *
   * @returns where it begins. `resumed`: false when the position is not one of this database
   * @throws a database error
   */
  open(from: Position | undefined): Promise<{ position: Position; resumed: boolean }>
  /** Passes on everything after a position, until the returned function is called. */
  follow(from: Position, follower: ActivityFollower): () => void
  /** Ends all followers. */
  stop(): void
}

/** `seen`: ahead of the others, after it has caught up by itself. */
type Joined = { follower: ActivityFollower; seen: Position | undefined }

/** Events in order: all that is new at `to` to a reader at `from`. */
type Batch = { from: Position; to: Position; events: readonly Activity[] }

export async function createActivityFeed({
  db,
  signals,
  page,
}: {
  db: Database
  signals: Signals
  /** Events read at a time. */
  page?: number
}): Promise<ActivityFeed> {
  const read = createReadActivity(db, page)
  const turns = pLimit(CATCHING_UP)
  const joined = new Set<Joined>()
  let kept: Batch[] = []
  /** Where the followers are; undefined while there are none. */
  let at: Position | undefined
  let reading = false
  let gathering: NodeJS.Timeout | undefined
  let stopped = false

  const unsubscribe = await signals.subscribe(UPDATE_CHANNEL, {
    onMessage(message) {
      if (joined.size === 0 || gathering) return
      const type = decodeUpdate(message)?.type
      if (type === 'ended' || type === 'changed')
        gathering = setTimeout(() => void readOn(), GATHER_MS).unref()
    },
  })
  const timers = [
    setInterval(() => void readOn(), POLL_EVERY_MS).unref(),
    setInterval(tellPlace, PLACE_EVERY_MS).unref(),
  ]

  async function readOn(): Promise<void> {
    clearTimeout(gathering)
    gathering = undefined
    if (reading || joined.size === 0) return
    reading = true
    try {
      for (let more = true; more && at && joined.size > 0;) {
        const from = at
        const found = await read(from)
        more = found.more
        at = found.position
        hand({ from, to: found.position, events: found.events })
      }
    } catch {
      // The database is unavailable: the next poll tries again.
    } finally {
      reading = false
    }
  }

  function hand(batch: Batch): void {
    if (batch.events.length > 0) keep(batch)
    for (const one of joined) {
      const { seen } = one
      const events = seen ? eventsAfter(seen, batch.events) : batch.events
      if (seen && hasSeen(batch.to, seen)) one.seen = undefined
      if (events.length > 0) one.follower.onEvents(events)
    }
  }

  function keep(batch: Batch): void {
    kept.push(batch)
    let count = kept.reduce((sum, { events }) => sum + events.length, 0)
    while (count > KEPT && kept.length > 1) count -= kept.shift()?.events.length ?? 0
  }

  function tellPlace(): void {
    if (!at) return
    for (const { follower, seen } of joined) follower.onPosition(seen ?? at)
  }

  /** Passes on what a follower has missed, as far as it is not kept; from then on it gets what all get. */
  async function join(one: Joined, from: Position, isOpen: () => boolean): Promise<void> {
    const { follower } = one
    let seen = from
    for (let isNow = false; at ? !isKept(seen) : !isNow;) {
      // While it waited for its turn, another one may have begun to read for all.
      const found = await turns(() => (isKept(seen) ? undefined : read(seen)))
      if (!isOpen()) return
      if (!found) continue
      if (found.events.length > 0) follower.onEvents(found.events)
      seen = found.position
      isNow = !found.more
      await follower.ready()
      if (!isOpen()) return
    }
    // The first follower sets the position from which this process reads.
    at ??= seen
    const missed = kept.flatMap(({ events }) => eventsAfter(seen, events))
    if (missed.length > 0) follower.onEvents(missed)
    if (!hasSeen(at, seen)) one.seen = seen
    joined.add(one)
  }

  /** Whether a reader at a position needs nothing but what is kept. */
  function isKept(position: Position): boolean {
    const floor = kept[0]?.from ?? at
    // What was seen in part is read on first.
    return floor !== undefined && position.upTo === undefined && hasSeen(position, floor)
  }

  function leave(one: Joined): void {
    if (!joined.delete(one) || joined.size > 0) return
    at = undefined
    kept = []
  }

  return {
    async open(from) {
      const now = await readNow(db)
      if (from === undefined) return { position: now, resumed: true }
      return hasSeen(now, { ...from, upTo: undefined })
        ? { position: from, resumed: true }
        : { position: now, resumed: false }
    },

    follow(from, follower) {
      let isOpen = true
      const one: Joined = { follower, seen: undefined }
      if (stopped) follower.onEnd()
      else join(one, from, () => isOpen && !stopped).catch((error: unknown) => follower.onError(error))
      return () => {
        isOpen = false
        leave(one)
      }
    },

    stop() {
      stopped = true
      unsubscribe()
      for (const timer of timers) clearInterval(timer)
      clearTimeout(gathering)
      for (const { follower } of joined) follower.onEnd()
      joined.clear()
    },
  }
}

/** Those that are new to a reader, with its own positions: it has seen more than others at the same event. */
function eventsAfter(seen: Position, events: readonly Activity[]): Activity[] {
  return events
    .filter(({ place }) => isAfter(place, seen))
    .map((event) => ({ ...event, position: unite(seen, event.position) }))
}
