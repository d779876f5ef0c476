import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { BellwireError, type FieldError } from '../../errors.ts'
import { jsonPointer, toFieldErrors } from '../../contract/fieldErrors.ts'

/** Validates requests against the schemas of a route, and applies defaults. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const pointer = POINTERS[httpPart ?? 'body'] ?? jsonPointer
  return (data: unknown) => {
    // Fastify passes null if there is no body.
    const input = httpPart === 'body' && data === null ? undefined : data
    const parsed = schema.safeParse(input)
    if (parsed.success) return { value: parsed.data }
    const errors = toFieldErrors(parsed.error.issues, { schema, input, pointer })
    const missing = httpPart === 'querystring' && errors.find((error) => error.detail === 'is missing')
    return {
      error: missing
        ? new BellwireError('parameter_missing', `The parameter ${missing.pointer.slice(1)} is missing.`, {
            errors,
          })
        : new BellwireError('schema_invalid', httpPart === 'querystring' ? queryDetail(errors) : undefined, {
            errors,
          }),
    }
  }
}

/** Names the first parameter at fault, for those who read only the message. */
function queryDetail([first]: FieldError[]): string | undefined {
  if (!first) return undefined
  const detail = first.detail.replace('is not a known field', 'is not known')
  return `The parameter "${first.pointer.slice(1)}" ${detail}${detail.endsWith('?') ? '' : '.'}`
}

/** The format of a field's pointer, by part of the request. */
const POINTERS: Record<string, (path: PropertyKey[]) => string> = {
  querystring: (path) => `?${path.map(String).join('.')}`,
  params: (path) => `{${path.map(String).join('.')}}`,
}
