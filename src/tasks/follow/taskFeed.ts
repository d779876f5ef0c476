import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { decodeUpdate, encodeCommand, UPDATE_CHANNEL, COMMAND_CHANNEL, type TaskUpdate } from './channels.ts'

/** How often a follower's interest is repeated to the workers; they forget it after twice that time. */
export const WATCH_EVERY_MS = 20_000

/** How often tasks that somebody waits for are looked up, in case a notification was lost. */
const LOOK_EVERY_MS = 3_000

/** Lets callers in this process wait for tasks, wherever these run. */
export type TaskFeed = {
  /** Calls back with every update of a task from now on, until the returned function is called. */
  follow(taskId: string, onUpdate: (update: TaskUpdate) => void): () => void
  /** As `follow`, and asks the task's worker to tell of every step and every piece that the model writes. */
  watch(taskId: string, onUpdate: (update: TaskUpdate) => void): () => void
  /** Resolves when the task has ended, after `ms` milliseconds, or when the signal aborts; never rejects. */
  ended(taskId: string, ms: number, signal?: AbortSignal): Promise<void>
  stop(): void
}

export async function createTaskFeed({ db, signals }: { db: Database; signals: Signals }): Promise<TaskFeed> {
  const followers = new Map<string, Set<(update: TaskUpdate) => void>>()
  const watched = new Map<string, number>()

  const unsubscribe = await signals.subscribe(UPDATE_CHANNEL, {
    onMessage(message) {
      const update = decodeUpdate(message)
      if (update) tell(update)
    },
    onGap: () => void look(),
  })
  const looking = setInterval(() => void look(), LOOK_EVERY_MS)
  const watching = setInterval(() => {
    for (const id of watched.keys()) signals.publish(COMMAND_CHANNEL, encodeCommand({ id, type: 'watch' }))
  }, WATCH_EVERY_MS)
  looking.unref()
  watching.unref()

  function tell(update: TaskUpdate): void {
    for (const onUpdate of followers.get(update.id) ?? []) onUpdate(update)
  }

  /** Asks the database about everything that is followed: notifications may get lost with a connection. */
  async function look(): Promise<void> {
    if (followers.size === 0) return
    try {
      const { rows } = await db.pool.query<{ id: string; ended: boolean }>(
        `select id, finished_at is not null as ended from bellwire.tasks where id = any($1::uuid[])`,
        [[...followers.keys()]],
      )
      for (const { id, ended } of rows) tell({ id, type: ended ? 'ended' : 'changed' })
    } catch {
      // The database is away: the next look finds out.
    }
  }

  function follow(taskId: string, onUpdate: (update: TaskUpdate) => void): () => void {
    let set = followers.get(taskId)
    if (!set) followers.set(taskId, (set = new Set()))
    set.add(onUpdate)
    return () => {
      set.delete(onUpdate)
      if (set.size === 0) followers.delete(taskId)
    }
  }

  return {
    follow,

    watch(taskId, onUpdate) {
      watched.set(taskId, (watched.get(taskId) ?? 0) + 1)
      signals.publish(COMMAND_CHANNEL, encodeCommand({ id: taskId, type: 'watch' }))
      const unfollow = follow(taskId, onUpdate)
      let open = true
      return () => {
        if (!open) return
        open = false
        unfollow()
        const count = (watched.get(taskId) ?? 1) - 1
        if (count > 0) watched.set(taskId, count)
        else watched.delete(taskId)
      }
    },

    ended: (taskId, ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const finish = (): void => {
          clearTimeout(timer)
          unfollow()
          signal?.removeEventListener('abort', finish)
          resolve()
        }
        const timer = setTimeout(finish, ms)
        const unfollow = follow(taskId, (update) => update.type === 'ended' && finish())
        signal?.addEventListener('abort', finish)
      }),

    stop() {
      unsubscribe()
      clearInterval(looking)
      clearInterval(watching)
    },
  }
}
