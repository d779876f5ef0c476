/** Bytes of model answers that one process keeps in memory at a time, when nothing else is set. */
export const ANSWER_MEMORY_BYTES = 128 * 1024 * 1024

/** What the answer of one call takes of the memory for answers. */
export type AnswerHold = {
  /** Adds bytes that stay in memory until the call ends. */
  add(bytes: number): void
  /** Gives everything back. Safe twice. */
  release(): void
}

/** The memory that all answers of a process share while they arrive. */
export type AnswerMemory = {
  /** Bytes that may be held at a time. */
  readonly maxBytes: number
  /** @param evict ends the call: there is no room for its answer */
  open(evict: () => void): AnswerHold
}

/**
 * Shares a number of bytes among the model calls that are under way. When an answer needs more than is left, the
 * call that holds the most is ended: that is the one that grows without an end, and calls with answers of the usual
 * size are not affected. No call waits for another, so none can block another.
 */
export function createAnswerMemory(maxBytes = ANSWER_MEMORY_BYTES): AnswerMemory {
  const holds = new Map<AnswerHold, { bytes: number; evict: () => void }>()
  let total = 0

  function release(hold: AnswerHold): void {
    total -= holds.get(hold)?.bytes ?? 0
    holds.delete(hold)
  }

  function makeRoom(): void {
    while (total > maxBytes) {
      const [largest] = [...holds].toSorted(([, a], [, b]) => b.bytes - a.bytes)
      if (!largest) return
      release(largest[0])
      largest[1].evict()
    }
  }

  return {
    maxBytes,
    open(evict) {
      const hold: AnswerHold = {
        add(bytes) {
          const held = holds.get(hold)
          if (!held) return
          held.bytes += bytes
          total += bytes
          if (total > maxBytes) makeRoom()
        },
        release: () => release(hold),
      }
      holds.set(hold, { bytes: 0, evict })
      return hold
    },
  }
}
