import { isObject, type JsonObject } from '../../../../../src/contract/jsonObject.ts'

/** Arguments that the schema itself suggests: the default or the first example of each parameter. */
export function suggestedArguments(schema: JsonObject): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, own]) => {
      if (!isObject(own)) return []
      const { default: given, examples, example } = own
      const value = given ?? (Array.isArray(examples) ? examples[0] : undefined) ?? example
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
