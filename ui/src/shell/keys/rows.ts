/**
 * The rows of the lists on the page: links in a list marked by `data-rows`, and focusable elements marked by
 * `data-row`.
 */
const ROWS = 'main [data-rows] > li > a, main [data-row]'

/** Moves the focus to the next or the previous row; from outside, to the first one. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>(ROWS)].filter((row) => row.offsetParent !== null)
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement))
  const next = at === -1 ? rows[0] : rows[Math.max(0, Math.min(rows.length - 1, at + by))]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

/** Focuses the search field of the page; false if it has none. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"], main [data-search]')
  field?.focus()
  field?.select()
  return field !== null
}
