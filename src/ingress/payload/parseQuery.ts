import { BellwireError } from '../../errors.ts'
import { parseFields } from './fields.ts'

export type Query = Readonly<Record<string, string | string[]>>

/**
 * Shared by all requests without a query: creating an object without a prototype costs more than most of a request's
 * JSON.
 */
const NONE: Query = Object.freeze({})

/**
 * Parses a query string; a repeated key becomes a list.
 *
 * @throws BellwireError `query_invalid` for NUL characters, which no database text can hold
 */
export function parseQuery(search: string): Query {
  if (search === '') return NONE
  const query: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of parseFields(search)) {
    if (name.includes('\0') || value.includes('\0')) throw new BellwireError('query_invalid')
    const before = query[name]
    if (before === undefined) query[name] = value
    else if (Array.isArray(before)) before.push(value)
    else query[name] = [before, value]
  }
  return query
}
