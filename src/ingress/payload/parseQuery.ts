import { BellwireError } from '../../errors.ts'

export type Query = Record<string, string | string[]>

/**
 * Reads a query string; a key that comes more than once becomes a list.
 *
 * @throws BellwireError `query_invalid` for NUL characters, which no database text can hold
 */
export function parseQuery(search: string): Query {
  const query: Query = Object.create(null)
  if (search === '') return query
  for (const [name, value] of new URLSearchParams(search)) {
    if (name.includes('\0') || value.includes('\0')) throw new BellwireError('query_invalid')
    const before = query[name]
    if (before === undefined) query[name] = value
    else if (Array.isArray(before)) before.push(value)
    else query[name] = [before, value]
  }
  return query
}
