import { z } from 'zod'

/**
 * The field names that a schema has at a path.
 *
 * @param path from the top of `input`
 * @param input the value that was sent: it determines the member of a union
 */
export function knownFields(schema: z.core.$ZodType, path: readonly PropertyKey[], input: unknown): string[] {
  let value = input
  let schemas = alternatives(schema, value)
  for (const part of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined
    schemas = schemas.flatMap((each) => {
      const member = memberOf(each, part)
      return member ? alternatives(member, value) : []
    })
  }
  const names = schemas.flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []))
  return [...new Set(names)]
}

/** The possible types of a value, without wrappers: of a union, the members that the value may match. */
function alternatives(schema: z.core.$ZodType, value: unknown): z.core.$ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return alternatives(schema.unwrap(), value)
  }
  if (schema instanceof z.ZodPipe) return alternatives(schema.in, value)
  if (!(schema instanceof z.ZodUnion)) return [schema]
  const members = schema.options.flatMap((option) => alternatives(option, value))
  const key = schema instanceof z.ZodDiscriminatedUnion ? schema.def.discriminator : undefined
  if (key === undefined) return members
  const said = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  return members.filter((member) => {
    const field = memberOf(member, key)
    return field instanceof z.ZodLiteral && field.values.has(said)
  })
}

function memberOf(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodRecord) return schema.valueType
  if (!(schema instanceof z.ZodObject) || !Object.hasOwn(schema.shape, part)) return undefined
  return Reflect.get(schema.shape, part) as z.core.$ZodType
}
