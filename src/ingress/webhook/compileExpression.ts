import { BellwireError } from '../../errors.ts'
import { CelSyntaxError } from '../cel/celSyntaxError.ts'
import { compileCel, compileCelKey, type Expression } from '../cel/compileCel.ts'

/**
 * Compiles a condition of a webhook's settings; undefined when there is none.
 *
 * @throws BellwireError `schema_invalid` with the place in the text, at the pointer
 */
export function compileExpression(text: string | undefined, pointer: string): Expression | undefined {
  return text === undefined ? undefined : compileAt(pointer, () => compileCel(text))
}

/** The same for an expression that names something. */
export function compileKey(
  text: string | undefined,
  pointer: string,
): Expression<string | undefined> | undefined {
  return text === undefined ? undefined : compileAt(pointer, () => compileCelKey(text))
}

function compileAt<T>(pointer: string, compile: () => T): T {
  try {
    return compile()
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error
    throw new BellwireError('schema_invalid', 'The expression is invalid.', {
      errors: [{ pointer, detail: error.message }],
      cause: error,
    })
  }
}
