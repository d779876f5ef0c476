import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { BellwireError } from '../errors.ts'
import { jsonPointer, toFieldErrors } from './fieldErrors.ts'

/** Checks what comes in against the schemas of a route, and fills in defaults. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const inBody = httpPart === 'body'
  return (data: unknown) => {
    // Fastify hands over null where there is no body.
    const input = inBody && data === null ? undefined : data
    const parsed = schema.safeParse(input)
    if (parsed.success) return { value: parsed.data }
    const pointer = inBody ? jsonPointer : (path: PropertyKey[]) => `?${path.map(String).join('.')}`
    const errors = toFieldErrors(parsed.error.issues, input, pointer)
    const missing = inBody ? undefined : errors.find((error) => error.detail === 'is missing')
    return {
      error: missing
        ? new BellwireError('parameter_missing', `The parameter ${missing.pointer.slice(1)} is missing.`, {
            errors,
          })
        : new BellwireError('schema_invalid', undefined, { errors }),
    }
  }
}
