import { z } from 'zod'

const LIMIT = 'must be a whole number from 1 to 200'

/** The query of every list. Extend it for filters; unknown parameters are rejected. */
export const PageQuery = z.strictObject({
  limit: z.coerce
    .number(LIMIT)
    .int(LIMIT)
    .min(1, LIMIT)
    .max(200, LIMIT)
    .default(50)
    .meta({ description: 'Maximum number of items per page' }),
  cursor: z
    .string()
    .max(500)
    .optional()
    .meta({ description: 'The next_cursor of the previous page; omit for the first page' }),
})
export type PageQuery = z.infer<typeof PageQuery>

/** One page of a list: `next_cursor` is null on the last. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), next_cursor: z.string().nullable() })
}
