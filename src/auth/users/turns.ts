import { BellwireError } from '../../errors.ts'

/**
 * Runs a few expensive jobs at a time. Owners take turns, so that one with many jobs delays the others by one job each.
 *
 * @throws BellwireError `rate_limited` when the owner, or all together, have too many jobs waiting
 */
export type Turns = <T>(owner: string, job: () => Promise<T>) => Promise<T>

export function createTurns({
  atOnce,
  maxPerOwner,
  maxWaiting,
}: {
  atOnce: number
  maxPerOwner: number
  maxWaiting: number
}): Turns {
  /** The owners with waiting jobs, the next one first. */
  const queues = new Map<string, (() => void)[]>()
  let waiting = 0
  let running = 0

  function startNext(): void {
    const [next] = queues
    if (!next || running >= atOnce) return
    const [owner, jobs] = next
    const start = jobs.shift()
    queues.delete(owner)
    if (jobs.length > 0) queues.set(owner, jobs)
    waiting -= 1
    running += 1
    start?.()
  }

  return async (owner, job) => {
    const jobs = queues.get(owner) ?? []
    if (jobs.length >= maxPerOwner) throw tooMany()
    if (waiting >= maxWaiting) throw tooMany()
    const turn = new Promise<void>((resolve) => jobs.push(resolve))
    queues.set(owner, jobs)
    waiting += 1
    startNext()
    await turn
    try {
      return await job()
    } finally {
      running -= 1
      startNext()
    }
  }
}

function tooMany(): BellwireError {
  return new BellwireError('rate_limited', 'Too many passwords are being checked at the moment.', {
    retryAfter: 5,
  })
}
