import { BellwireError } from '../errors.ts'
import { CelSyntaxError } from './cel/celSyntaxError.ts'
import { compileCel, type Expression } from './cel/compileCel.ts'

/**
 * Compiles an expression of a webhook's settings; undefined when there is none.
 *
 * @throws BellwireError `schema_invalid` with the place in the text, at the pointer
 */
export function compileExpression(text: string | undefined, pointer: string): Expression | undefined {
  if (text === undefined) return undefined
  try {
    return compileCel(text)
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error
    throw new BellwireError('schema_invalid', 'The expression is invalid.', {
      errors: [{ pointer, detail: error.message }],
      cause: error,
    })
  }
}
