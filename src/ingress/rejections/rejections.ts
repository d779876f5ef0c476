import { setTimeout as delay } from 'node:timers/promises'
import { createBatches } from '../../db/batches.ts'
import type { Database } from '../../db/database.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { RejectionEntry } from './rejectionEntry.ts'
import { toRow, type RejectionRow } from './rejectionRow.ts'
import { createFlood, type FloodLimits } from './flood.ts'
import { addRepeats, insertRejections } from './insertRejections.ts'
import { trimRejections } from './trim.ts'

/** Keeps requests that started no task. */
export type Rejections = {
  /** Returns at once, and never throws. In a flood it counts what it does not keep. */
  record(entry: RejectionEntry): void
  /** Resolves when what was recorded here is written, after a second at most: for lists that must not miss the last one. */
  written(): Promise<void>
  /** Writes what waits, and stops. Safe twice. */
  stop(): Promise<void>
}

/** What may wait for the database. Beyond that rejections are only counted. */
const MAX_WAITING = { rows: 500, bytes: 8 * 1024 * 1024 }

/** How often the counts of repeats are written. */
const COUNT_EVERY_MS = 1_000

/** Rows that a process writes before it removes what is too much: the chore of the workers may not run. */
const TRIM_EVERY = 500

/** How long a list waits for what is being written. */
const WRITTEN_WITHIN_MS = 1_000

/** How often the log says that rejections cannot be written. */
const WARN_EVERY_MS = 10_000

type Item = { row: RejectionRow } | { repeats: Map<string, number> }

export function createRejections({
  db,
  metrics,
  log,
  flood: limits,
}: {
  db: Database
  metrics: Metrics
  log: Log
  flood?: FloodLimits
}): Rejections {
  const rejected = metrics.counter(
    'bellwire_rejections_total',
    'Requests to webhooks that started no task, by reason.',
  )
  const unkept = metrics.counter(
    'bellwire_rejections_unkept_total',
    'Rejections that were counted and not kept: repeats of others, or more than the database takes.',
  )
  const flood = createFlood(limits)
  let waiting = { rows: 0, bytes: 0 }
  let written = 0
  let lastWarning = -Infinity
  let repeats = new Map<string, number>()
  let counting: NodeJS.Timeout | undefined

  // One at a time: the count of a row must not come before the row.
  const groups = createBatches<Item, undefined>({
    handle: write,
    sizeOf: (item) => ('row' in item ? item.row.stored : 0),
    maxItems: 100,
    inFlight: 1,
  })

  async function write(items: Item[]): Promise<undefined[]> {
    const rows = items.flatMap((item) => ('row' in item ? [item.row] : []))
    await insertRejections(db, rows)
    for (const item of items) if ('repeats' in item) await addRepeats(db, item.repeats)
    written += rows.length
    if (written >= TRIM_EVERY) {
      written = 0
      await trimRejections(db)
    }
    return items.map(() => undefined)
  }

  function countLater(id: string): void {
    repeats.set(id, (repeats.get(id) ?? 0) + 1)
    counting ??= setTimeout(writeCounts, COUNT_EVERY_MS).unref()
  }

  function writeCounts(): void {
    clearTimeout(counting)
    counting = undefined
    if (repeats.size === 0) return
    const item = { repeats }
    repeats = new Map()
    groups.put(item, () => {}, warn)
  }

  function warn(error: unknown): void {
    const now = performance.now()
    if (now - lastWarning < WARN_EVERY_MS) return
    lastWarning = now
    log.warn({ err: error }, 'rejections could not be recorded')
  }

  return {
    record(entry) {
      rejected.add({ reason: entry.reason })
      const key = `${entry.webhookId} ${entry.reason}`
      const admitted = flood.admit(key)
      if (!admitted.isKept || waiting.rows >= MAX_WAITING.rows || waiting.bytes >= MAX_WAITING.bytes) {
        unkept.add({ reason: entry.reason })
        if (!admitted.isKept && admitted.lastId !== undefined) countLater(admitted.lastId)
        return
      }
      const row = toRow(entry, admitted.roomForBody)
      flood.kept(key, row)
      waiting = { rows: waiting.rows + 1, bytes: waiting.bytes + row.stored }
      const done = (): void => {
        waiting = { rows: waiting.rows - 1, bytes: waiting.bytes - row.stored }
      }
      groups.put({ row }, done, (error) => {
        done()
        unkept.add({ reason: entry.reason })
        warn(error)
      })
    },

    async written() {
      const patience = new AbortController()
      const late = delay(WRITTEN_WITHIN_MS, undefined, { signal: patience.signal, ref: false }).catch(
        () => {},
      )
      await Promise.race([groups.idle(), late])
      patience.abort()
    },

    async stop() {
      writeCounts()
      await groups.idle()
    },
  }
}
