import { toPlainNumbers } from '../contract/exactJson.ts'
import type { JsonSchema } from '../contract/toolParts.ts'
import { coerceArguments } from './coerceArguments.ts'
import { compileJsonSchema, type Validate } from './jsonSchema.ts'

/** How a tool reads what a model sends it. */
export type ArgumentCheck = {
  /** Says what is wrong with the arguments, for the model; undefined when nothing is. */
  check(args: unknown): Promise<string | undefined>
  /** The arguments as the tool is called with them: see coerceArguments. */
  read(args: unknown): unknown
}

/** Makes the check of a tool's arguments. The schema is compiled at the first call: few tools of an agent are called. */
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
