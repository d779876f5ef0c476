import { readTaskSearch, type TaskSearch } from './taskSearch.ts'

/** A search that somebody gave a name. */
export type SavedView = { name: string; search: TaskSearch }

const KEY = 'bellwire-task-views'

/** Views that a browser keeps at most. */
export const MOST_VIEWS = 20

/** The views that this browser has kept. */
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

/** Keeps a view; one with the same name is replaced. @returns all views */
export function saveView(view: SavedView): SavedView[] {
  return keep([...readViews().filter(({ name }) => name !== view.name), view].slice(-MOST_VIEWS))
}

/** @returns the views that are left */
export function deleteView(name: string): SavedView[] {
  return keep(readViews().filter((view) => view.name !== name))
}

function keep(views: SavedView[]): SavedView[] {
  try {
    localStorage.setItem(KEY, JSON.stringify(views))
  } catch {
    // The browser keeps nothing: the views last as long as the page.
  }
  return views
}
