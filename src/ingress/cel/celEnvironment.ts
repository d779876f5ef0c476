import { Environment } from '@marcbachmann/cel-js'
import { matchesPattern } from './celPattern.ts'

/** What `matches` is compiled to: the library's own one uses JavaScript's regular expressions, which may backtrack. */
export const LINEAR_MATCHES = 'matches_re2'

/** Limits on an expression; the library checks those of its syntax tree. */
export const MAX_LENGTH = 4_096
const LIMITS = {
  maxAstNodes: 500,
  maxDepth: 40,
  maxListElements: 200,
  maxMapEntries: 50,
  maxCallArguments: 8,
}

/** The variables of an expression, with their CEL types. */
export const VARIABLES = {
  payload: 'dyn',
  headers: 'map<string, string>',
  query: 'map<string, dyn>',
  event: 'string',
  method: 'string',
  source: 'string',
} as const

/**
 * Makes the environment that all expressions share: the standard functions, our variables, `matches` in linear time,
 * and arithmetic and equality between integers and decimals. Numbers of JSON are decimals in CEL, so without that
 * `payload.amount / 100` would be an error.
 */
export function createCelEnvironment(): Environment {
  const environment = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS })
  for (const [name, type] of Object.entries(VARIABLES)) environment.registerVariable(name, type)
  environment.registerFunction(`string.${LINEAR_MATCHES}(string): bool`, matchesPattern)
  for (const [operator, compute] of Object.entries(ARITHMETIC)) {
    environment.registerOperator(`double ${operator} int: double`, (a: number, b: bigint) =>
      compute(a, Number(b)),
    )
    environment.registerOperator(`int ${operator} double: double`, (a: bigint, b: number) =>
      compute(Number(a), b),
    )
  }
  // With `!=` and the other order, which are derived from it.
  environment.registerOperator(
    'double == int: bool',
    (a: number, b: bigint) => Number.isInteger(a) && BigInt(a) === b,
  )
  return environment
}

const ARITHMETIC: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}
