import { createHash } from 'node:crypto'

/** The format of tool names that providers allow. */
const MAX_LENGTH = 64

const HASH_LENGTH = 6

/**
 * Creates unique tool names that every provider accepts: `PREFIX_name`, with other characters replaced. The same names
 * give the same result, in any order.
 */
export function modelNames(prefix: string, names: readonly string[]): string[] {
  const plain = names.map((name) => `${prefix}_${name.replaceAll(/[^a-zA-Z0-9_-]+/g, '_')}`)
  const isTaken = (at: number): boolean =>
    plain.some((other, index) => index !== at && other.toLowerCase() === plain[at]?.toLowerCase())
  return plain.map((name, at) => {
    if (name.length <= MAX_LENGTH && !isTaken(at)) return name
    const hash = createHash('sha256')
      .update(names[at] ?? '')
      .digest('hex')
    return `${name.slice(0, MAX_LENGTH - HASH_LENGTH - 1)}_${hash.slice(0, HASH_LENGTH)}`
  })
}
