import type { ASTNode, ParseResult } from '@marcbachmann/cel-js'
import { createCelEnvironment, LINEAR_MATCHES, MAX_LENGTH } from './celEnvironment.ts'
import { describeCelError, describePlace } from './celError.ts'
import { compileCelPattern } from './celPattern.ts'
import { CelSyntaxError } from './celSyntaxError.ts'
import { childrenOf, loopOf } from './celTree.ts'

/** Loops in one expression, and how deep they may be nested. */
const MAX_LOOPS = 10
const MAX_NESTED_LOOPS = 3

const environment = createCelEnvironment()

/** What the value of an expression may be. */
const TYPES = {
  condition: { types: ['bool'], must: 'it must be true or false' },
  key: {
    types: ['string', 'int', 'uint', 'double', 'null', 'null_type'],
    must: 'it must be a text, a number or null',
  },
}

/** A condition is true or false, a key a text or a number. */
export type CelKind = keyof typeof TYPES

/**
 * Parses an expression and checks its types, as far as they are known before a request is there.
 *
 * @throws CelSyntaxError
 */
export function parseCel(text: string, kind: CelKind = 'condition'): ParseResult {
  if (text.length > MAX_LENGTH) {
    throw new CelSyntaxError(`the expression has ${text.length} characters; ${MAX_LENGTH} at most`)
  }
  const parsed = parse(text)
  checkLoops(text, parsed.ast)
  useLinearMatches(text, parsed.ast)
  const { valid, type = '', error } = parsed.check()
  if (!valid) throw new CelSyntaxError(describeCelError(text, error))
  const { types, must } = TYPES[kind]
  if (type !== 'dyn' && !types.includes(type)) {
    throw new CelSyntaxError(`the expression gives a value of type ${type}; ${must}`)
  }
  return parsed
}

function parse(text: string): ParseResult {
  try {
    return environment.parse(text)
  } catch (error) {
    throw new CelSyntaxError(describeCelError(text, error), { cause: error })
  }
}

function checkLoops(text: string, tree: ASTNode): void {
  let loops = 0
  const visit = (node: ASTNode, depth: number): void => {
    const isLoop = loopOf(node) !== undefined
    const inside = isLoop ? depth + 1 : depth
    if (isLoop) loops += 1
    if (loops > MAX_LOOPS || inside > MAX_NESTED_LOOPS) {
      throw new CelSyntaxError(
        `${describePlace(text, node.start)}: at most ${MAX_LOOPS} loops (all, exists, map, …) in an expression, ` +
          `${MAX_NESTED_LOOPS} within each other`,
      )
    }
    for (const child of childrenOf(node)) visit(child, inside)
  }
  visit(tree, 0)
}

/** Puts our own `matches` in the place of the library's, before types are checked. */
function useLinearMatches(text: string, node: ASTNode): void {
  if (node.op === 'rcall' && node.args[0] === LINEAR_MATCHES) {
    throw new CelSyntaxError(`${describePlace(text, node.pos)}: there is no function ${LINEAR_MATCHES}`)
  }
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    node.args[0] = LINEAR_MATCHES
    const [pattern] = node.args[2]
    if (pattern?.op === 'value' && typeof pattern.args === 'string') {
      try {
        compileCelPattern(pattern.args)
      } catch (error) {
        throw new CelSyntaxError(`${describePlace(text, pattern.pos)}: ${(error as Error).message}`, {
          cause: error,
        })
      }
    }
  }
  for (const child of childrenOf(node)) useLinearMatches(text, child)
}
