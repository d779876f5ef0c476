import type { Signals } from '../db/signals.ts'
import { COMMAND_CHANNEL, decodeCommand, WATCH_FOR_MS } from '../tasks/follow/channels.ts'

/** How often expired followers are dropped. */
const FORGET_EVERY_MS = 5_000

/** Tracks which tasks are followed, in any process. */
export type Listeners = {
  isWatched(taskId: string): boolean
  /** Calls back when a follower requests the text that a task's model call has written so far. */
  onShow(taskId: string, show: () => void): () => void
  stop(): void
}

export async function createListeners(signals: Signals): Promise<Listeners> {
  const watchedUntil = new Map<string, number>()
  const shows = new Map<string, () => void>()
  const unsubscribe = await signals.subscribe(COMMAND_CHANNEL, {
    onMessage(message) {
      const command = decodeCommand(message)
      if (!command || command.type === 'cancel') return
      watchedUntil.set(command.id, performance.now() + WATCH_FOR_MS)
      if (command.type === 'show') shows.get(command.id)?.()
    },
  })
  const forgetting = setInterval(() => {
    const now = performance.now()
    for (const [id, until] of watchedUntil) if (until <= now) watchedUntil.delete(id)
  }, FORGET_EVERY_MS)
  forgetting.unref()

  return {
    isWatched: (taskId) => (watchedUntil.get(taskId) ?? 0) > performance.now(),
    onShow(taskId, show) {
      shows.set(taskId, show)
      return () => {
        if (shows.get(taskId) === show) shows.delete(taskId)
      }
    },
    stop() {
      unsubscribe()
      clearInterval(forgetting)
    },
  }
}
