import { z } from 'zod'
import { Timestamp } from './name.ts'

/** What is kept, for how long, and how much of it there is now. */
export const RetentionItem = z
  .object({
    what: z.enum(['tasks', 'steps', 'rejections', 'deliveries', 'notices', 'idempotency_keys']),
    days: z.int().nullable().meta({ description: 'null: forever, or as long as the object it belongs to' }),
    setting: z.string().nullable().meta({ description: 'The environment variable that sets it' }),
    default: z.string().nullable().meta({ description: 'The value of the variable when it is unset' }),
    is_default: z.boolean(),
    note: z.string().meta({ description: 'What else determines how long it is kept' }),
    stored: z.object({
      rows: z.int().meta({ description: 'Exact up to 10,000, then an estimate' }),
      bytes: z.int().meta({ description: 'On disk, with indexes' }),
      oldest_at: Timestamp.nullable(),
    }),
  })
  .meta({ id: 'RetentionItem' })
export type RetentionItem = z.infer<typeof RetentionItem>

export const Retention = z.object({ data: z.array(RetentionItem) }).meta({ id: 'Retention' })
export type Retention = z.infer<typeof Retention>
