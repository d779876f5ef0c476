import { toPlainNumbers } from '../../contract/exactJson.ts'
import type { JsonSchema } from '../../contract/toolParts.ts'
import { coerceArguments } from './coerceArguments.ts'
import { compileJsonSchema, type Validate } from './jsonSchema.ts'

/** How a tool validates and converts a model's arguments. */
export type ArgumentCheck = {
  /** Returns the error of the arguments, for the model; undefined when they are valid. */
  check(args: unknown): Promise<string | undefined>
  /** The arguments that the tool is called with: see coerceArguments. */
  read(args: unknown): unknown
}

/**
 * Creates the check of a tool's arguments. The schema is compiled on the first call: most tools of an agent are never
 * called.
 */
export function createArgumentCheck(parameters: JsonSchema): ArgumentCheck {
  let validate: Validate | undefined
  const read = (args: unknown): unknown => coerceArguments(parameters, args)
  return {
    read,
    async check(args) {
      validate ??= compileJsonSchema(parameters)
      const complaint = await validate(toPlainNumbers(read(args)))
      return complaint === undefined ? undefined : `The arguments do not match the parameters: ${complaint}.`
    },
  }
}
