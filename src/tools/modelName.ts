import { createHash } from 'node:crypto'

/** What providers allow for the name of a tool. */
const MAX_LENGTH = 64

const HASH_LENGTH = 6

/**
 * Names tools that come from elsewhere so that every provider takes the names and none of them is given twice:
 * `PREFIX_name`, with other characters replaced. The same names give the same result, in whichever order.
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
