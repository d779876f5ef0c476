import { RE2JS } from 're2js'
import { LRUCache } from 'lru-cache'

/** Characters of a pattern, and instructions that it may compile to. */
const MAX_PATTERN = 500
const MAX_PROGRAM = 2_000

const patterns = new LRUCache<string, RE2JS>({ max: 200 })

/**
 * Compiles a pattern of RE2, whose time grows with the length of the text alone.
 *
 * @throws Error with a sentence that says what is wrong with it
 */
export function compileCelPattern(pattern: string): RE2JS {
  const known = patterns.get(pattern)
  if (known) return known
  if (pattern.length > MAX_PATTERN) {
    throw new Error(`the pattern has ${pattern.length} characters; ${MAX_PATTERN} at most`)
  }
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    throw new Error(`the pattern is not valid in RE2 syntax: ${wordsOf(error)}`, { cause: error })
  }
  if (compiled.programSize() > MAX_PROGRAM) {
    throw new Error('the pattern is too large: use smaller repetitions')
  }
  patterns.set(pattern, compiled)
  return compiled
}

/** The CEL function: whether a part of the text matches. */
export function matchesPattern(text: string, pattern: string): boolean {
  return compileCelPattern(pattern).test(text)
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
}
