import { z } from 'zod'

/** The query of every list. Extend it for filters; unknown parameters are rejected. */
export const PageQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
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
