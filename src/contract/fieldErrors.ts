import type { z } from 'zod'
import type { FieldError } from '../errors.ts'

/** More than this helps nobody. */
const MAX_ERRORS = 100

type Issue = z.core.$ZodIssue

/**
 * Tells what is wrong with which field.
 *
 * @param pointer makes what points at a path: a JSON pointer, or the name of a query parameter
 */
export function toFieldErrors(
  issues: readonly Issue[],
  input: unknown,
  pointer: (path: PropertyKey[]) => string,
): FieldError[] {
  return issues.flatMap((issue) => explain(issue, input, pointer)).slice(0, MAX_ERRORS)
}

/** RFC 6901. */
export function jsonPointer(path: PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function explain(issue: Issue, input: unknown, pointer: (path: PropertyKey[]) => string): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointer([...issue.path, key]),
      detail: 'is not a known field',
    }))
  }
  return [{ pointer: pointer(issue.path), detail: detailOf(issue, valueAt(input, issue.path)) }]
}

function detailOf(issue: Issue, value: unknown): string {
  if (issue.code === 'custom') return issue.message
  if (value === undefined) return 'is missing'
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) {
    return `use one of ${issue.options.map((option) => JSON.stringify(option)).join(', ')}`
  }
  return issue.message
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    input,
  )
}
