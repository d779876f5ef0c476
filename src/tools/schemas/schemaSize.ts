import { valueAtFragment } from '../../contract/jsonPointer.ts'

/** How much work a JSON Schema is, with its references followed. */
export type SchemaSize = {
  /** Number of objects, lists and values as written. */
  written: number
  /** The same with each reference replaced by its target. May be infinite. */
  expanded: number
  /** The maximum number of schemas that one value is checked against. May be infinite. */
  onOneValue: number
  isRecursive: boolean
}

/** Larger schemas are not measured, and rejected. */
const MAX_WRITTEN = 50_000

/** Maximum schemas that one value may be checked against: combinations of `allOf` and references double quickly. */
const MAX_ON_ONE_VALUE = 5_000

/** Keywords whose schemas apply to the same value, not to a part of it. */
const IN_PLACE = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'])

const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef']

/**
 * Measures a schema without compiling it. Each part is visited once, however often it is referenced.
 *
 * @throws Error with a sentence when it exceeds the limits
 */
export function measureSchema(schema: object): SchemaSize {
  const names = new Map<string, unknown>()
  const written = count(schema, names)
  if (written > MAX_WRITTEN) {
    throw new Error(`it contains more than ${MAX_WRITTEN} values`)
  }
  const size = { written, ...walk(schema, names) }
  if (size.onOneValue > MAX_ON_ONE_VALUE) {
    throw new Error(
      `with its references followed, one value would be checked against ${amount(size.onOneValue)} schemas; ` +
        `at most ${MAX_ON_ONE_VALUE} are accepted`,
    )
  }
  return size
}

function amount(number: number): string {
  return Number.isSafeInteger(number) ? String(number) : 'infinitely many'
}

/** Counts what is written, and collects the names that references may use. */
function count(schema: object, names: Map<string, unknown>): number {
  let found = 0
  const stack: unknown[] = [schema]
  while (stack.length > 0 && found <= MAX_WRITTEN) {
    const item = stack.pop()
    found += 1
    if (typeof item !== 'object' || item === null) continue
    for (const key of ['$id', '$anchor', '$dynamicAnchor']) {
      const name: unknown = Reflect.get(item, key)
      if (typeof name === 'string') names.set(key === '$id' ? name : `#${name}`, item)
    }
    const items = Array.isArray(item) ? item : Object.values(item)
    if (items.length > MAX_WRITTEN) return items.length
    stack.push(...items)
  }
  return found
}

type Sizes = Pick<SchemaSize, 'expanded' | 'onOneValue' | 'isRecursive'>

function walk(root: object, names: ReadonlyMap<string, unknown>): Sizes {
  const known = new Map<object, { expanded: number; here: number } | 'under way'>()
  let onOneValue = 0
  let isRecursive = false

  /** `here` counts the schemas that apply to the same value. */
  function measure(value: unknown): { expanded: number; here: number } {
    if (typeof value !== 'object' || value === null) return { expanded: 1, here: 0 }
    const before = known.get(value)
    if (before === 'under way') {
      isRecursive = true
      return { expanded: 1, here: 1 }
    }
    if (before) return before
    known.set(value, 'under way')
    let expanded = 1
    let here = 1
    for (const [key, item] of Object.entries(value)) {
      const size = measure(item)
      expanded += size.expanded
      if (IN_PLACE.has(key)) here += inPlace(key, item)
    }
    for (const key of REFERENCES) {
      const reference: unknown = Reflect.get(value, key)
      if (typeof reference !== 'string') continue
      const target = lookUp(root, names, reference)
      if (target === undefined) isRecursive = true
      const size = measure(target)
      expanded += size.expanded
      here += size.here
    }
    onOneValue = Math.max(onOneValue, here)
    const result = { expanded, here }
    known.set(value, result)
    return result
  }

  /** The schemas under a keyword for the same value: one, a list of them, or by name. */
  function inPlace(key: string, item: unknown): number {
    const isMany = Array.isArray(item) || key === 'dependentSchemas'
    const schemas: unknown[] =
      isMany && typeof item === 'object' && item !== null ? Object.values(item) : [item]
    return schemas.reduce<number>((sum, one) => sum + measure(one).here, 0)
  }

  try {
    const { expanded } = measure(root)
    return { expanded, onOneValue, isRecursive }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Error('its references are nested too deeply', { cause: error })
  }
}

/** The target of a reference within the schema; undefined for one that is not supported here. */
function lookUp(root: object, names: ReadonlyMap<string, unknown>, reference: string): unknown {
  return reference === '#' || reference.startsWith('#/')
    ? valueAtFragment(root, reference)
    : names.get(reference)
}
