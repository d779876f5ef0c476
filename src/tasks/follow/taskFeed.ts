import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { decodeNews, encodeOrder, NEWS_CHANNEL, ORDER_CHANNEL, type TaskNews } from './channels.ts'

/** How often a follower's interest is repeated to the workers; they forget it after twice that time. */
export const WATCH_EVERY_MS = 20_000

/** How often tasks that somebody waits for are looked up, in case a notification was lost. */
const LOOK_EVERY_MS = 3_000

/** Lets callers in this process wait for tasks, wherever these run. */
export type NewsDesk = {
  /** Calls back with all news of a task from now on, until the returned function is called. */
  follow(taskId: string, onNews: (news: TaskNews) => void): () => void
  /** As `follow`, and asks the task's worker to tell of every step and every piece that the model writes. */
  watch(taskId: string, onNews: (news: TaskNews) => void): () => void
  /** Resolves when the task has ended, after `ms` milliseconds, or when the signal aborts; never rejects. */
  ended(taskId: string, ms: number, signal?: AbortSignal): Promise<void>
  stop(): void
}

export async function createNewsDesk({ db, signals }: { db: Database; signals: Signals }): Promise<NewsDesk> {
  const followers = new Map<string, Set<(news: TaskNews) => void>>()
  const watched = new Map<string, number>()

  const unsubscribe = await signals.subscribe(NEWS_CHANNEL, {
    onMessage(message) {
      const news = decodeNews(message)
      if (news) tell(news)
    },
    onGap: () => void look(),
  })
  const looking = setInterval(() => void look(), LOOK_EVERY_MS)
  const watching = setInterval(() => {
    for (const id of watched.keys()) signals.publish(ORDER_CHANNEL, encodeOrder({ id, type: 'watch' }))
  }, WATCH_EVERY_MS)
  looking.unref()
  watching.unref()

  function tell(news: TaskNews): void {
    for (const onNews of followers.get(news.id) ?? []) onNews(news)
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

  function follow(taskId: string, onNews: (news: TaskNews) => void): () => void {
    let set = followers.get(taskId)
    if (!set) followers.set(taskId, (set = new Set()))
    set.add(onNews)
    return () => {
      set.delete(onNews)
      if (set.size === 0) followers.delete(taskId)
    }
  }

  return {
    follow,

    watch(taskId, onNews) {
      watched.set(taskId, (watched.get(taskId) ?? 0) + 1)
      signals.publish(ORDER_CHANNEL, encodeOrder({ id: taskId, type: 'watch' }))
      const unfollow = follow(taskId, onNews)
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
        const unfollow = follow(taskId, (news) => news.type === 'ended' && finish())
        signal?.addEventListener('abort', finish)
      }),

    stop() {
      unsubscribe()
      clearInterval(looking)
      clearInterval(watching)
    },
  }
}
