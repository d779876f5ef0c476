/** Agents whose last rank is remembered at most; forgetting one only lets its next task come early. */
const MAX_AGENTS = 100_000

/**
 * The rank of a job whose task has had its turn and was cut off: before all that wait for theirs. The rank that
 * it had says nothing any more, as ranks begin again from zero whenever the queue is empty.
 */
export const CUT_OFF_RANK = -1

/**
 * Gives each new job its place in the fair order. Start-time fair queueing: the nth waiting job of an agent
 * stands at rank `head + n`, where `head` is the rank of the job that is next to run, so agents take turns
 * however many jobs each of them has waiting (Goyal, Vin and Cheng, "Start-time Fair Queuing", 1996).
 *
 * The head is read from the queue now and then, not with every accept: an old value only shifts turns a
 * little. With an empty queue everybody starts from zero again.
 */
export type FairRanks = {
  next(agentId: string): number
  /** Tells where the queue stands: the rank of the next job, or undefined when none waits. */
  update(head: number | undefined): void
}

export function createFairRanks(): FairRanks {
  const last = new Map<string, number>()
  let head = 0

  return {
    next(agentId) {
      const rank = Math.max(head, (last.get(agentId) ?? -1) + 1)
      if (last.size >= MAX_AGENTS) last.clear()
      last.set(agentId, rank)
      return rank
    },
    update(value) {
      if (value === undefined) last.clear()
      head = value ?? 0
    },
  }
}
