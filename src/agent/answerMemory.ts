/** The memory reserved for the answer of one call. */
export type AnswerHold = {
  /** Adds bytes that stay in memory until the call ends. */
  add(bytes: number): void
  /** Releases everything. Can be called twice. */
  release(): void
}

/** The memory shared by all answers of a process while they arrive. */
export type AnswerMemory = {
  /** @param evict ends the call: there is no memory for its answer */
  open(evict: () => void): AnswerHold
  /** Bytes held now. */
  used(): number
}

/**
 * Shares a number of bytes among the model calls in progress. When an answer needs more than is left, the call that
 * holds the most is ended: that is the one that grows without end, and calls with answers of the usual size are not
 * affected. No call waits for another, so deadlocks are impossible.
 *
 * @param limit the bytes that answers may hold at present
 * @param onRelease called when some were released
 */
export function createAnswerMemory({
  limit,
  onRelease,
}: {
  limit: () => number
  onRelease: () => void
}): AnswerMemory {
  const holds = new Map<AnswerHold, { bytes: number; evict: () => void }>()
  let total = 0

  function release(hold: AnswerHold): void {
    const bytes = holds.get(hold)?.bytes ?? 0
    holds.delete(hold)
    total -= bytes
    if (bytes > 0) onRelease()
  }

  function makeRoom(): void {
    while (total > limit()) {
      const [largest] = [...holds].toSorted(([, a], [, b]) => b.bytes - a.bytes)
      if (!largest) return
      release(largest[0])
      largest[1].evict()
    }
  }

  return {
    open(evict) {
      const hold: AnswerHold = {
        add(bytes) {
          const held = holds.get(hold)
          if (!held) return
          held.bytes += bytes
          total += bytes
          if (total > limit()) makeRoom()
        },
        release: () => release(hold),
      }
      holds.set(hold, { bytes: 0, evict })
      return hold
    },
    used: () => total,
  }
}
