import { LRUCache } from 'lru-cache'

/** Rows that one process writes in a minute: for one webhook and reason, and in all; and bytes of bodies in all. */
export type FloodLimits = { rowsOfOne: number; rows: number; bodyBytes: number }

const LIMITS: FloodLimits = { rowsOfOne: 20, rows: 600, bodyBytes: 16 * 1024 * 1024 }

const MINUTE_MS = 60_000

/** Webhooks and reasons that are told apart at the same time; of others, the one that is longest ago is forgotten. */
const MAX_KEYS = 10_000

/**
 * Decides which rejections are kept as rows and which are only counted, so that a flood of them writes a bounded
 * amount. `now` is in milliseconds of a clock that only grows.
 */
export function createFlood(
  { rowsOfOne, rows, bodyBytes }: FloodLimits = LIMITS,
  now = () => performance.now(),
) {
  const ofKeys = new LRUCache<string, { minute: number; kept: number; lastId: string | undefined }>({
    max: MAX_KEYS,
  })
  let minute = -1
  let left = { rows: 0, bodyBytes: 0 }

  function turn(): void {
    const present = Math.floor(now() / MINUTE_MS)
    if (present === minute) return
    minute = present
    left = { rows, bodyBytes }
  }

  return {
    /** Whether one more row may be written. Otherwise it is a repeat of `lastId`, the newest row like it, if there is one. */
    admit(
      key: string,
    ): { isKept: true; roomForBody: number } | { isKept: false; lastId: string | undefined } {
      turn()
      let one = ofKeys.get(key)
      if (!one) ofKeys.set(key, (one = { minute, kept: 0, lastId: undefined }))
      if (one.minute !== minute) {
        one.minute = minute
        one.kept = 0
      }
      if (one.kept >= rowsOfOne || left.rows <= 0) return { isKept: false, lastId: one.lastId }
      return { isKept: true, roomForBody: left.bodyBytes }
    },

    /** Notes the row that was made of a rejection that was admitted. */
    kept(key: string, { id, body }: { id: string; body: Buffer }): void {
      const one = ofKeys.get(key)
      if (one) {
        one.kept += 1
        one.lastId = id
      }
      left.rows -= 1
      left.bodyBytes -= body.length
    },
  }
}
