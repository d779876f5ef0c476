import { z } from 'zod'

/** A display name: one line of text. Control characters and unpaired surrogates cannot be stored. */
export const Name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'use one line of text without control characters')

/** An id: a UUID. An unknown id gives 404, also when it is malformed. */
export const Id = z.string().meta({ format: 'uuid' })

/** An instant in ISO 8601, in UTC. */
export const Timestamp = z.string().meta({ format: 'date-time' })
