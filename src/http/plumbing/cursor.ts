import { z } from 'zod'
import type { PageQuery } from '../../contract/page.ts'
import { isId } from '../../db/id.ts'
import type { Page, PageRequest } from '../../db/page.ts'
import { BellwireError } from '../../errors.ts'

/** What stands in the cursor of most lists: the id of the last item. */
const IdPlace = z.string().refine(isId)

/**
 * Reads which page of a list is wanted.
 *
 * @param place what a place of this list looks like
 * @throws BellwireError `schema_invalid` for a cursor that no answer of ours held
 */
export function pageRequest({ limit, cursor }: PageQuery, place: z.ZodType<string> = IdPlace): PageRequest {
  if (cursor === undefined) return { limit }
  const after = place.safeParse(Buffer.from(cursor, 'base64url').toString())
  if (after.success) return { limit, after: after.data }
  const errors = [
    { pointer: '?cursor', detail: 'is not a cursor of this list; use next_cursor of the answer before' },
  ]
  throw new BellwireError('schema_invalid', undefined, { errors })
}

/** A page as the API answers it. What its cursor holds is nobody's business but ours. */
export function showPage<Item, Shown>({ items, next }: Page<Item>, show: (item: Item) => Shown) {
  return {
    data: items.map((item) => show(item)),
    next_cursor: next === null ? null : Buffer.from(next).toString('base64url'),
  }
}
