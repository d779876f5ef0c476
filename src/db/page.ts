/** The requested part of a list: `limit` items after the one named by `after`. */
export type PageRequest = { limit: number; after?: string | undefined }

/** `next` is the last item when there are more after it. */
export type Page<Item> = { items: Item[]; next: string | null }

/** Creates a page from rows read with a limit of one more. */
export function toPage<Row, Item>(
  rows: Row[],
  { limit, name, show }: { limit: number; name: (row: Row) => string; show: (row: Row) => Item },
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items: shown.map(show), next: more ? name(last) : null }
}
