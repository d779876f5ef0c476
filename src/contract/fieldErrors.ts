import type { z } from 'zod'
import type { FieldError } from '../errors.ts'
import { issueDetail } from './issueDetail.ts'
import { knownFields } from './knownFields.ts'
import { nearest } from './nearest.ts'

/** More errors than this are not useful. */
const MAX_ERRORS = 100

type Issue = z.core.$ZodIssue

type Checked = {
  schema: z.core.$ZodType
  /** What was validated. */
  input: unknown
  /** Formats a path: a JSON pointer, or the name of a query parameter. */
  pointer: (path: PropertyKey[]) => string
}

/** Describes the error of each invalid field. */
export function toFieldErrors(issues: readonly Issue[], checked: Checked): FieldError[] {
  const errors: FieldError[] = []
  for (const issue of issues) {
    if (errors.length >= MAX_ERRORS) break
    errors.push(...explain(issue, checked, MAX_ERRORS - errors.length))
  }
  return errors
}

/** RFC 6901. */
export function jsonPointer(path: PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function explain(issue: Issue, checked: Checked, max: number): FieldError[] {
  const { schema, input, pointer } = checked
  const inside = insideUnion(issue)
  if (inside)
    return inside
      .slice(0, max)
      .flatMap((one) => explain(one, checked, max))
      .slice(0, max)
  const value = valueAt(input, issue.path)
  if (issue.code !== 'unrecognized_keys') {
    return [{ pointer: pointer(issue.path), detail: detailOf(issue, value) }]
  }
  const present = new Set(typeof value === 'object' && value !== null ? Object.keys(value) : [])
  const free = knownFields(schema, issue.path, input).filter((name) => !present.has(name))
  return issue.keys.slice(0, max).map((key) => {
    const meant = nearest(key, free)
    return {
      pointer: pointer([...issue.path, key]),
      detail: `is not a known field${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    }
  })
}

/** The errors inside of the only member of a union that a value was meant as: the others are of another type. */
function insideUnion(issue: Issue): Issue[] | undefined {
  // A union that says in its own words what it takes needs no more.
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return undefined
  const meant = issue.errors.filter((errors) =>
    errors.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  )
  if (meant.length !== 1) return undefined
  return meant[0]?.map((error) => ({ ...error, path: [...issue.path, ...error.path] }))
}

function detailOf(issue: Issue, value: unknown): string {
  if (issue.code === 'custom') return issue.message
  if (value === undefined) return 'is missing'
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) {
    return `use one of ${issue.options.map((option) => JSON.stringify(option)).join(', ')}`
  }
  return issueDetail(issue)
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    input,
  )
}
