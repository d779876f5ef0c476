import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** How the validator's own messages start; others were written for their field. */
const GENERIC = /^(?:Invalid|Too (?:big|small))\b/

const TYPES: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

/** Says in plain words what a field must be, as the end of a sentence that starts with its name. */
export function issueDetail(issue: Issue): string {
  if (!GENERIC.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? `of type ${issue.expected}`}`
    case 'too_small':
      return sizeDetail(issue, issue.minimum, issue.inclusive === false ? 'more than' : 'at least')
    case 'too_big':
      return sizeDetail(issue, issue.maximum, issue.inclusive === false ? 'less than' : 'at most')
    case 'invalid_value':
      return `must be ${oneOf(issue.values.map((value) => JSON.stringify(value)))}`
    case 'invalid_format':
      return issue.format === 'date' ? 'must be a date such as 2026-03-01' : issue.message
    default:
      return issue.message
  }
}

function sizeDetail({ origin }: { origin: string }, bound: number | bigint, relation: string): string {
  const unit = { string: 'character', array: 'item', set: 'item', object: 'member' }[origin]
  if (unit === undefined) return `must be ${relation} ${bound}`
  return `must have ${relation} ${bound} ${unit}${Number(bound) === 1 ? '' : 's'}`
}

function oneOf(values: string[]): string {
  const last = values.at(-1) ?? ''
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`
}
