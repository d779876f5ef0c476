import { isObject, type JsonObject } from '../../../../../src/contract/jsonObject.ts'
import { prettyJson } from '../../../lib/json.ts'
import { Draft } from './toolList.ts'

/** A name with a value, as a row of a form. */
export type Pair = { name: string; value: string }

/** The rows for a record of texts; undefined when the value is something else. */
export function toPairs(value: unknown): Pair[] | undefined {
  if (value === undefined) return []
  if (!isObject(value) || value instanceof Draft) return undefined
  const pairs = Object.entries(value)
  if (!pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return undefined
  return pairs.map(([name, text]) => ({ name, value: text }))
}

/**
 * The record of these rows: undefined when there are none, a draft when a name is missing or there twice. Empty rows are
 * left out.
 */
export function fromPairs(rows: readonly Pair[]): JsonObject | Draft | undefined {
  const filled = rows.filter(({ name, value }) => name !== '' || value !== '')
  if (filled.length === 0) return undefined
  const fault = pairFaults(filled).find((each) => each !== undefined)
  if (fault === undefined) return Object.fromEntries(filled.map(({ name, value }) => [name, value]))
  return draftOf(
    filled.map(({ name, value }) => [name, value]),
    fault,
  )
}

/** What is wrong with the name of each row. */
export function pairFaults(rows: readonly { name: string; value?: string }[]): (string | undefined)[] {
  return rows.map(({ name, value }, at) => {
    if (name === '') return value === '' ? undefined : 'Enter a name.'
    return rows.findIndex((other) => other.name === name) < at ? 'This name is used above.' : undefined
  })
}

/** An object of these members as text, although it could not hold them. */
export function draftOf(members: readonly (readonly [string, unknown])[], fault: string): Draft {
  const written = members.map(([name, value]) => `${JSON.stringify(name)}: ${prettyJson(value)}`)
  return new Draft(`{ ${written.join(', ')} /* ${fault} */ }`)
}
