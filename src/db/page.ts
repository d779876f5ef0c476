/** Which part of a list is wanted: `limit` items after the one that `after` names. */
export type PageRequest = { limit: number; after?: string | undefined }

/** `next` names the last item when there are more after it. */
export type Page<Item> = { items: Item[]; next: string | null }

/** Makes a page of rows that were read with one more than the limit. */
export function toPage<Row, Item>(
  rows: Row[],
  { limit, name, show }: { limit: number; name: (row: Row) => string; show: (row: Row) => Item },
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items: shown.map(show), next: more ? name(last) : null }
}
