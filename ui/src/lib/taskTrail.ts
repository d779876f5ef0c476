import type { TaskSearch } from './taskSearch.ts'

/** The list that a task was opened from. */
export type Trail = { search: TaskSearch; ids: string[] }

const KEY = 'bellwire-task-trail'

/** Tasks that are kept on either side of the opened one. */
const AROUND = 500

/** Keeps the list for the tab in which a task is opened, so that its page can link to the next and previous task. */
export function keepTrail({ search, ids }: Trail, opened: string): void {
  const at = ids.indexOf(opened)
  const kept: Trail = { search, ids: ids.slice(Math.max(0, at - AROUND), at + AROUND + 1) }
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept))
  } catch {
    // Storage is not available: the page works without the list.
  }
}

/** The list around a task; undefined when the task was opened from elsewhere. */
export function readTrail(
  taskId: string,
): { search: TaskSearch; previous: string | undefined; next: string | undefined } | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Trail | null
    const at = kept?.ids.indexOf(taskId) ?? -1
    if (!kept || at === -1) return undefined
    return { search: kept.search, previous: kept.ids[at - 1], next: kept.ids[at + 1] }
  } catch {
    return undefined
  }
}

/** Forgets the list of this tab. */
export function forgetTrail(): void {
  try {
    sessionStorage.removeItem(KEY)
  } catch {
    // Storage is not available, so there is nothing to remove.
  }
}
