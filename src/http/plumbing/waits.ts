import type { FastifyReply, FastifyRequest } from 'fastify'
import { BellwireError } from '../../errors.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import { waitForEnd } from '../../tasks/follow/waitForEnd.ts'
import type { TaskStatus, TaskStatuses } from '../../tasks/views/statuses.ts'

/** Requests that may wait in this process at the same time. Each holds a connection of its client, and some memory. */
const MAX_WAITING = 10_000

/** When to retry, in seconds. */
const RETRY_AFTER = 5

/** One request that waits for the end of a task. */
export type Wait = {
  /**
   * The status of a task at its end, or after `seconds`; sooner when the client disconnects or the server stops.
   * Undefined when there is no such task.
   */
  forEnd(taskId: string, seconds: number): Promise<TaskStatus | undefined>
}

/** The requests that wait for the end of a task: a limited number. None of them holds a connection to the database. */
export type Waits = {
  /**
   * Takes a place, which is free again when the response is closed.
   *
   * @throws BellwireError `too_many_waiting`
   */
  open(request: Pick<FastifyRequest, 'ip'>, reply: Pick<FastifyReply, 'raw'>): Wait
}

export function createWaits({
  statuses,
  taskFeed,
  perClient,
  stopping,
  max = MAX_WAITING,
}: {
  statuses: TaskStatuses
  taskFeed: TaskFeed
  /** Requests of one client address. */
  perClient: number
  /** Aborted when the server stops: then every wait ends. */
  stopping: AbortSignal
  max?: number
}): Waits {
  const byClient = new Map<string, number>()
  const open = new Set<AbortController>()
  stopping.addEventListener('abort', () => {
    for (const one of open) one.abort()
  })

  function count(client: string, change: 1 | -1): void {
    const number = (byClient.get(client) ?? 0) + change
    if (number > 0) byClient.set(client, number)
    else byClient.delete(client)
  }

  function waitWith(signal: AbortSignal): Wait {
    return {
      forEnd: (taskId, seconds) => waitForEnd({ statuses, taskFeed }, taskId, seconds * 1000, signal),
    }
  }

  return {
    open({ ip }, { raw }) {
      const isClientFull = (byClient.get(ip) ?? 0) >= perClient
      if (isClientFull || open.size >= max) {
        const limit = isClientFull ? `${perClient} requests from this address` : `${max} requests`
        throw new BellwireError(
          'too_many_waiting',
          `${limit} are waiting for the end of a task, which is the limit.`,
          { retryAfter: RETRY_AFTER },
        )
      }
      const over = new AbortController()
      if (stopping.aborted || raw.closed) over.abort()
      if (raw.closed) return waitWith(over.signal)
      open.add(over)
      count(ip, 1)
      raw.once('close', () => {
        if (!open.delete(over)) return
        count(ip, -1)
        over.abort()
      })
      return waitWith(over.signal)
    },
  }
}
