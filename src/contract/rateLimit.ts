import { z } from 'zod'

/** How many requests a webhook takes in a time. */
export const RateLimit = z
  .strictObject({
    requests: z.int().min(1).max(1_000_000).meta({ description: 'Requests in one window' }),
    per_seconds: z.int().min(1).max(86_400).meta({
      description: 'Length of a window in seconds; it begins with its first request',
    }),
  })
  .meta({ id: 'RateLimit', description: 'Requests beyond it get 429 with Retry-After' })
export type RateLimit = z.infer<typeof RateLimit>
