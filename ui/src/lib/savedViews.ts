import { readTaskSearch, type TaskSearch } from './taskSearch.ts'

/** A named search. */
export type SavedView = { name: string; search: TaskSearch }

const KEY = 'bellwire-task-views'

/** The most views a browser keeps. */
export const MOST_VIEWS = 20

/** The views saved in this browser. */
export function readViews(): SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    if (!Array.isArray(kept)) return []
    return kept.flatMap((view: unknown) => {
      const { name, search } = Object(view) as Record<string, unknown>
      return typeof name === 'string' && name !== '' ? [{ name, search: readTaskSearch(Object(search)) }] : []
    })
  } catch {
    return []
  }
}

/**
 * Saves a view, replacing one with the same name.
 *
 * @returns all views
 */
export function saveView(view: SavedView): SavedView[] {
  return keep([...readViews().filter(({ name }) => name !== view.name), view].slice(-MOST_VIEWS))
}

/** @returns the remaining views */
export function deleteView(name: string): SavedView[] {
  return keep(readViews().filter((view) => view.name !== name))
}

/** Forgets all views. */
export function forgetViews(): void {
  try {
    localStorage.removeItem(KEY)
  } catch {
    // Storage is not available, so there is nothing to remove.
  }
}

function keep(views: SavedView[]): SavedView[] {
  try {
    localStorage.setItem(KEY, JSON.stringify(views))
  } catch {
    // Storage is not available: the views last as long as the page.
  }
  return views
}
