import { z } from 'zod'

/** The schema of a successful response, with a description. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } }
}

/** The schema of a successful response without a body. */
export function empty(description: string) {
  return z.undefined().describe(description)
}
