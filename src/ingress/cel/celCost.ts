import type { ASTNode } from '@marcbachmann/cel-js'
import { LINEAR_MATCHES } from './celEnvironment.ts'
import { compileCelPattern } from './celPattern.ts'
import { childrenOf, loopOf } from './celTree.ts'

/** How long an expression may take, for a payload of so many bytes with so many values. Nanoseconds. */
export type CelCost = (payload: { bytes: number; values: () => number }) => number

/**
 * Nanoseconds, measured on a shared core and rounded up: for a node, for a failed lookup in a loop, for a character
 * of a text that is read, for an instruction of a pattern and a character.
 */
const NODE = 200
const FAILURE = 3_000
const CHARACTER = 2
const INSTRUCTION = 20

/** Bytes of headers and query, which expressions read as well. */
const REST_BYTES = 16 * 1024

/** What grows with the payload: how often nodes run, and how often its text is read. */
type Count = { nodes: number; loops: number; perCharacter: number }

/**
 * Bounds what an expression costs before it runs; undefined where no bound that grows with the size of the payload
 * alone is known. It is known where loops run over parts of the payload and their bodies read nothing but the element
 * at hand: then the parts are disjoint, and nested loops together visit each value once. What builds new values, such
 * as `map`, `+` and `split`, may multiply them.
 */
export function boundCost(tree: ASTNode, textLength: number): CelCost | undefined {
  const once: Count = { nodes: 0, loops: 0, perCharacter: 0 }
  const each: Count = { nodes: 0, loops: 0, perCharacter: 0 }
  if (!add(tree, undefined, { once, each })) return undefined
  const failure = FAILURE + 2 * textLength
  return ({ bytes, values }) => {
    const reading = (once.perCharacter + each.perCharacter) * (bytes + REST_BYTES)
    const running = once.nodes * NODE + reading
    // Comparing lists and maps visits their values, too.
    const visits = each.nodes * NODE + each.loops * failure + (once.perCharacter > 0 ? NODE : 0)
    return visits === 0 ? running : running + visits * values()
  }
}

/** Adds what a node and those below it cost. False: no bound is known. */
function add(node: ASTNode, element: string | undefined, counts: { once: Count; each: Count }): boolean {
  const count = element === undefined ? counts.once : counts.each
  count.nodes += 1
  const loop = loopOf(node)
  if (loop) {
    if (!QUANTIFIERS.has(loop.name) || !isPart(loop.range, element)) return false
    counts.each.loops += 1
    return add(loop.range, element, counts) && loop.bodies.every((body) => add(body, loop.variable, counts))
  }
  if (node.op === 'id') return element === undefined || node.args === element
  const reading = perCharacter(node)
  if (reading === undefined) return false
  count.perCharacter += reading
  return childrenOf(node).every((child) => add(child, element, counts))
}

const QUANTIFIERS = new Set(['all', 'exists', 'exists_one'])

/** Whether a node is a part of the element at hand, or of a variable outside of all loops. */
function isPart(node: ASTNode, element: string | undefined): boolean {
  if (node.op === 'id') return element === undefined || node.args === element
  return (node.op === '.' || node.op === '[]') && isPart(node.args[0], element)
}

/** Nanoseconds for each character that a node may read; undefined for what may build larger values. */
function perCharacter(node: ASTNode): number | undefined {
  switch (node.op) {
    case '+':
      return undefined
    case 'call':
      return CALLS[node.args[0]]
    case 'rcall': {
      const [name, , args] = node.args
      if (name === LINEAR_MATCHES) return ofPattern(args[0])
      if (SEARCHES.has(name)) return ofSearch(args[0])
      return METHODS[name]
    }
    case '==':
    case '!=':
    case 'in':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return CHARACTER
    default:
      return 0
  }
}

const CALLS: Record<string, number> = {
  has: 0,
  type: 0,
  dyn: 0,
  bool: 0,
  int: CHARACTER,
  uint: CHARACTER,
  double: CHARACTER,
  string: CHARACTER,
  size: CHARACTER,
  timestamp: CHARACTER,
  duration: CHARACTER,
}

const METHODS: Record<string, number> = {
  size: CHARACTER,
  startsWith: CHARACTER,
  endsWith: CHARACTER,
  lowerAscii: CHARACTER,
  upperAscii: CHARACTER,
  trim: CHARACTER,
  substring: CHARACTER,
}

const SEARCHES = new Set(['contains', 'indexOf', 'lastIndexOf'])

/** A search may compare the whole of what it looks for at each place. */
function ofSearch(wanted: ASTNode | undefined): number | undefined {
  if (wanted?.op !== 'value' || typeof wanted.args !== 'string') return undefined
  return Math.max(CHARACTER, wanted.args.length / 2)
}

function ofPattern(pattern: ASTNode | undefined): number | undefined {
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return undefined
  return compileCelPattern(pattern.args).programSize() * INSTRUCTION
}
