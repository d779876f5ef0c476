import type { Ledger, TaskRecord } from './ledger.ts'
import type { Strike } from './site.ts'

/** How long tasks that a strike interrupted waited until they resumed, in milliseconds. */
export type Resume = {
  strike: Strike
  /** From the signal to the next claim of each task. */
  fromSignal: number[]
  /** From the moment when the front door was open again; nothing if it was never closed. */
  fromReady: number[]
}

/** Finds, for each strike that ended workers, the tasks that they held, and when others claimed them. */
export function measureResume(strikes: readonly Strike[], ledger: Ledger): Resume[] {
  const lost = Map.groupBy(ledger.tasks.flatMap(lostAttempts), ({ workerId }) => workerId)
  return strikes
    .filter(({ hasty }) => !hasty)
    .map((strike) => {
      const workers = strike.workers.flatMap(
        (pid) => ledger.workers.findLast((one) => one.pid === pid && one.startedAt < strike.at) ?? [],
      )
      const resumed = workers.flatMap(({ id }) => (lost.get(id) ?? []).map(({ resumedAt }) => resumedAt))
      const { readyAt } = strike
      return {
        strike,
        fromSignal: resumed.map((at) => at - strike.at),
        fromReady: readyAt === undefined ? [] : resumed.map((at) => Math.max(0, at - readyAt)),
      }
    })
}

/** The attempts of a task that ended with the loss of their worker and were followed by another one. */
function lostAttempts({ transitions }: TaskRecord): { workerId: number; resumedAt: number }[] {
  const claims = transitions.filter(({ reason }) => reason === 'claimed')
  return claims.flatMap(({ attempt, workerId }) => {
    const isLost = transitions.some((one) => one.reason === 'worker_lost' && one.attempt === attempt)
    const next = claims.find((one) => one.attempt === attempt + 1)
    return isLost && next && workerId !== null ? [{ workerId, resumedAt: next.at }] : []
  })
}

/** The value below which this share of the values lies; undefined without values. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
