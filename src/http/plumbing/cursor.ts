import type { z } from 'zod'
import { BellwireError } from '../../errors.ts'

/** Makes the text that stands for a place in a list. What it holds is nobody's business but ours. */
export function encodeCursor(place: string | null): string | null {
  return place === null ? null : Buffer.from(place).toString('base64url')
}

/**
 * Reads a cursor back.
 *
 * @param form what a place of this list looks like
 * @throws BellwireError `schema_invalid` for a text that no answer of ours held
 */
export function decodeCursor(cursor: string | undefined, form: z.ZodType<string>): string | undefined {
  if (cursor === undefined) return undefined
  const place = form.safeParse(Buffer.from(cursor, 'base64url').toString())
  if (place.success) return place.data
  const errors = [{ pointer: '?cursor', detail: 'is not a cursor of this list' }]
  throw new BellwireError('schema_invalid', undefined, { errors })
}
