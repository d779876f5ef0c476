import { z } from 'zod'
import type { PageQuery } from '../../contract/page.ts'
import { isId } from '../../db/id.ts'
import type { Page, PageRequest } from '../../db/page.ts'
import { BellwireError } from '../../errors.ts'

/** The content of most lists' cursors: the id of the last item. */
const IdPlace = z.string().refine(isId)

/**
 * Reads the cursor of a list request.
 *
 * @param place the schema of the cursor's content in this list
 * @param pointer where the request has it
 * @throws BellwireError `schema_invalid` for a cursor that this server did not issue
 */
export function pageRequest(
  { limit, cursor }: PageQuery,
  place: z.ZodType<string> = IdPlace,
  pointer = '?cursor',
): PageRequest {
  if (cursor === undefined) return { limit }
  const after = place.safeParse(Buffer.from(cursor, 'base64url').toString())
  if (after.success) return { limit, after: after.data }
  const errors = [
    { pointer, detail: 'is not a cursor of this list; use the next_cursor of the previous page' },
  ]
  throw new BellwireError('schema_invalid', undefined, { errors })
}

/** A page as returned by the API. The content of its cursor is opaque to clients. */
export function showPage<Item, Shown>({ items, next }: Page<Item>, show: (item: Item) => Shown) {
  return {
    data: items.map((item) => show(item)),
    next_cursor: showCursor(next),
  }
}

/** The cursor that continues after an item; null at the end. */
export function showCursor(next: string | null): string | null {
  return next === null ? null : Buffer.from(next).toString('base64url')
}
