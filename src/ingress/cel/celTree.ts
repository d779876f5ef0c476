import type { ASTNode } from '@marcbachmann/cel-js'

/** The nodes right below one. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case 'list':
      return node.args
    case 'map':
      return node.args.flat()
    case '!_':
    case '-_':
      return [node.args]
    default:
      return node.args
  }
}

/** Macros that run their second argument for each element of what they are called on. */
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

export type Loop = { name: string; range: ASTNode; variable: string; bodies: readonly ASTNode[] }

/** The parts of a macro that loops; undefined for every other node. */
export function loopOf(node: ASTNode): Loop | undefined {
  if (node.op !== 'rcall' || !LOOPS.has(node.args[0])) return undefined
  const [name, range, [variable, ...bodies]] = node.args
  return variable?.op === 'id' ? { name, range, variable: variable.args, bodies } : undefined
}
