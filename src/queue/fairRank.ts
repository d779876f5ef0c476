/** Maximum number of agents whose last place is kept; dropping one only lets its next task run earlier. */
const MAX_AGENTS = 100_000

/**
 * Assigns each new task its place in the fair order. Start-time fair queueing: the nth waiting task of an agent has the
 * place `head + n`, where `head` is the place of the next task to run, so agents take turns however many tasks each of
 * them has waiting (Goyal, Vin and Cheng, "Start-time Fair Queuing", 1996).
 *
 * Places never start over: the head of an empty queue is behind everything that was ever claimed. The head is read from
 * the queue periodically, not on every accept: an outdated value only shifts turns a little.
 */
export type FairRanks = {
  next(agentId: string): number
  /** Moves the head: the place of the next task to run. */
  update(head: number): void
}

export function createFairRanks(): FairRanks {
  const last = new Map<string, number>()
  let head = 0

  return {
    next(agentId) {
      const place = Math.max(head, (last.get(agentId) ?? -1) + 1)
      if (last.size >= MAX_AGENTS) last.clear()
      last.set(agentId, place)
      return place
    },
    update(value) {
      head = value
    },
  }
}
