import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import type { Signals } from '../../db/signals.ts'
import {
  COMMAND_CHANNEL,
  decodeUpdate,
  encodeCommand,
  UPDATE_CHANNEL,
  WATCH_EVERY_MS,
  type TaskUpdate,
} from './channels.ts'
import { createFollowedTask, type FollowedTask, type Follower } from './followedTask.ts'
import { createReadEvents, type EventPage } from './taskEvents.ts'
import { createTextBudget } from './textBudget.ts'

/** How often followed and awaited tasks are polled, in case a notification was lost. */
const LOOK_EVERY_MS = 3_000

/** Interest is repeated to the workers in this many portions, so that many followers cause no peak. */
const WATCH_PORTIONS = 20

/** Lets callers in this process follow tasks and wait for their end, whichever worker runs them. */
export type TaskFeed = {
  /** A page of the events of a task after `after`; undefined when there is no such task. */
  read(taskId: string, after: number): Promise<EventPage | undefined>
  /**
   * Passes on the events of a task after `after`, then everything that happens, text included, until its end or
   * `leave`.
   *
   * @throws BellwireError `task_not_found`, or a database error: then no messages follow
   */
  follow(taskId: string, after: number, follower: Follower): { joined: Promise<void>; leave: () => void }
  /** Resolves when the task has ended, after `ms` milliseconds, or when the signal aborts; never rejects. */
  ended(taskId: string, ms: number, signal?: AbortSignal): Promise<void>
  stop(): void
}

/** The state of an awaited task in this process: `newest` is its newest event. */
type Awaited = { newest: number; resolvers: Set<() => void> }

/** @param maxText characters of model calls in progress that are kept for followers */
export async function createTaskFeed({
  db,
  signals,
  maxText,
}: {
  db: Database
  signals: Signals
  maxText?: number
}): Promise<TaskFeed> {
  const read = createReadEvents(db)
  const texts = createTextBudget(maxText)
  const followed = new Map<string, FollowedTask>()
  const awaited = new Map<string, Awaited>()
  let portion = 0
  let looking: Promise<void> | undefined

  const unsubscribe = await signals.subscribe(UPDATE_CHANNEL, {
    onMessage(message) {
      const update = decodeUpdate(message)
      if (update) take(update)
    },
    onGap: () => void (looking ??= look()),
  })
  const lookTimer = setInterval(() => void (looking ??= look()), LOOK_EVERY_MS)
  const watchTimer = setInterval(repeatInterest, WATCH_EVERY_MS / WATCH_PORTIONS)
  lookTimer.unref()
  watchTimer.unref()

  function take(update: TaskUpdate): void {
    const { id } = update
    if (update.type === 'ended') for (const resolve of awaited.get(id)?.resolvers ?? []) resolve()
    const task = followed.get(id)
    if (!task) return
    if (update.type === 'ended' || update.type === 'changed') task.changed()
    else task.take(update)
  }

  function repeatInterest(): void {
    portion = (portion + 1) % WATCH_PORTIONS
    for (const id of followed.keys()) {
      // The last digits of an id are random.
      if (Number.parseInt(id.slice(-4), 16) % WATCH_PORTIONS !== portion) continue
      signals.publish(COMMAND_CHANNEL, encodeCommand({ id, type: 'watch' }))
    }
  }

  /** Finds the tasks that have changed, all in one query: notifications may be lost with a connection. */
  async function look(): Promise<void> {
    try {
      const known = new Map<string, number>()
      for (const [id, { newest }] of awaited) if (isId(id)) known.set(id, newest)
      for (const [id, task] of followed) known.set(id, Math.min(known.get(id) ?? Infinity, task.newest()))
      if (known.size === 0) return
      const { rows } = await db.pool.query<{ id: string; newest: number; ended: boolean }>({
        name: 'tasks_changed',
        text: `select t.id, t.last_event as newest, t.finished_at is not null as ended
          from unnest($1::uuid[], $2::int[]) as k(id, newest) join bellwire.tasks t on t.id = k.id
          where t.last_event > k.newest`,
        values: [`{${[...known.keys()].join()}}`, `{${[...known.values()].join()}}`],
      })
      for (const { id, newest, ended } of rows) {
        const entry = awaited.get(id)
        if (entry) entry.newest = newest
        if (ended) take({ id, type: 'ended' })
        else if (newest > (followed.get(id)?.newest() ?? Infinity)) take({ id, type: 'changed' })
      }
      for (const task of followed.values()) task.retry()
    } catch {
      // The database is unavailable: the next poll tries again.
    } finally {
      looking = undefined
    }
  }

  function open(taskId: string): FollowedTask {
    const found = followed.get(taskId)
    if (found) return found
    const task = createFollowedTask({
      taskId,
      read,
      texts,
      askToShow: () => signals.publish(COMMAND_CHANNEL, encodeCommand({ id: taskId, type: 'show' })),
      onEmpty() {
        if (followed.get(taskId) === task) followed.delete(taskId)
      },
    })
    followed.set(taskId, task)
    return task
  }

  return {
    read: async (taskId, after) => (isId(taskId) ? read(taskId.toLowerCase(), after) : undefined),

    follow(taskId, after, follower) {
      const task = open(taskId.toLowerCase())
      return { joined: task.join(follower, after), leave: () => task.leave(follower) }
    },

    ended: (taskId, ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const id = taskId.toLowerCase()
        const entry = awaited.get(id) ?? { newest: 0, resolvers: new Set() }
        awaited.set(id, entry)
        const finish = (): void => {
          clearTimeout(timer)
          entry.resolvers.delete(finish)
          if (entry.resolvers.size === 0 && awaited.get(id) === entry) awaited.delete(id)
          signal?.removeEventListener('abort', finish)
          resolve()
        }
        const timer = setTimeout(finish, ms)
        entry.resolvers.add(finish)
        signal?.addEventListener('abort', finish)
      }),

    stop() {
      unsubscribe()
      clearInterval(lookTimer)
      clearInterval(watchTimer)
    },
  }
}
