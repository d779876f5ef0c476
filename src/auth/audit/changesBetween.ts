import type { AuditChange } from '../../contract/audit.ts'
import { jsonPointer } from '../../contract/fieldErrors.ts'
import { isObject } from '../../contract/jsonObject.ts'

/** Longer values are left out: an entry says that they changed, and the revision of an agent has them. */
const MAX_VALUE_CHARACTERS = 20_000

/** How deep objects are compared member by member; below it as a whole. */
const DEPTH = 2

/**
 * What differs between two states of an object, field by field. A missing state has no fields, so a new object has all of
 * its fields as changes.
 */
export function changesBetween(before: object | undefined, after: object | undefined): AuditChange[] {
  return compare({ ...before }, { ...after }, '', DEPTH)
}

function compare(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  prefix: string,
  depth: number,
): AuditChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [one, other] = [before[name], after[name]]
    if (JSON.stringify(one) === JSON.stringify(other)) return []
    const pointer = prefix + jsonPointer([name])
    if (depth > 1 && isObject(one) && isObject(other)) return compare(one, other, pointer, depth - 1)
    return [{ pointer, ...kept('before', one), ...kept('after', other) }]
  })
}

function kept(side: 'before' | 'after', value: unknown): { before?: unknown; after?: unknown } {
  if (value === undefined || value === null) return {}
  const length = JSON.stringify(value).length
  return { [side]: length > MAX_VALUE_CHARACTERS ? `(${length} characters, not kept here)` : value }
}
