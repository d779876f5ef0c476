import { isObject, type JsonObject } from '../../../../../src/contract/jsonObject.ts'
import { draftOf, pairFaults } from './pairRows.ts'
import { Draft } from './toolList.ts'

/** A parameter of a tool, as a row of a form: its name, the whole of its JSON Schema, and whether it must be given. */
export type Parameter = { name: string; schema: JsonObject; required: boolean }

export const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const

/** The rows for the JSON Schema of the parameters; undefined when rows cannot show it. */
export function toParameters(schema: unknown): Parameter[] | undefined {
  if (schema === undefined) return []
  if (!isObject(schema) || schema instanceof Draft || schema['type'] !== 'object') return undefined
  const { properties = {}, required = [] } = schema
  if (!isObject(properties) || !Array.isArray(required)) return undefined
  const members = Object.entries(properties)
  if (!members.every((member): member is [string, JsonObject] => isObject(member[1]))) return undefined
  return members.map(([name, own]) => ({ name, schema: own, required: required.includes(name) }))
}

/**
 * The JSON Schema of these rows. Whatever rows do not show is kept.
 *
 * @param before the schema that the rows were made from
 */
export function fromParameters(rows: readonly Parameter[], before: unknown): JsonObject | Draft {
  const base: JsonObject = isObject(before) && !(before instanceof Draft) ? before : { type: 'object' }
  const fault = parameterFaults(rows).find((each) => each !== undefined)
  const members = rows.map(({ name, schema }) => [name, schema] as const)
  if (fault !== undefined) return draftOf([...Object.entries(base), ...members], fault)

  const known = Array.isArray(base['required']) ? base['required'] : []
  const shown = new Set(Object.keys(Object(base['properties'])))
  const required = [
    ...rows.filter((row) => row.required).map(({ name }) => name),
    ...known.filter((name) => !shown.has(name) && !rows.some((row) => row.name === name)),
  ]
  const hasProperties = rows.length > 0 || base['properties'] !== undefined
  return {
    ...base,
    ...(hasProperties ? { properties: Object.fromEntries(members) } : {}),
    ...(isSameSet(required, known) ? {} : { required }),
  }
}

/** What is wrong with the name of each row. */
export function parameterFaults(rows: readonly Parameter[]): (string | undefined)[] {
  return pairFaults(rows.map(({ name }) => ({ name })))
}

/** The type that a row shows; undefined for one that only JSON can show. */
export function typeOf(schema: JsonObject): (typeof TYPES)[number] | undefined {
  return TYPES.find((type) => type === schema['type'])
}

function isSameSet(some: readonly unknown[], others: readonly unknown[]): boolean {
  const set = new Set(some)
  return set.size === new Set(others).size && others.every((one) => set.has(one))
}
