import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** How the validator's own messages start; others were written for their field. */
const GENERIC = /^(?:Invalid|Too (?:big|small)|Unrecognized)\b/

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

const FORMATS: Record<string, string> = {
  date: 'a date such as 2026-03-01',
  datetime: 'a time such as 2026-03-01T08:00:00Z',
  time: 'a time of day such as 08:00:00',
  uuid: 'an id, such as 0192f0c1-7d3e-7c4a-9b1f-2a6c5e8d4f10',
  guid: 'an id, such as 0192f0c1-7d3e-7c4a-9b1f-2a6c5e8d4f10',
  url: 'a URL such as https://example.com',
  email: 'an email address',
  base64: 'base64',
  json_string: 'JSON in a string',
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
      return formatDetail(issue)
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_key':
      return 'has a name that is not allowed here'
    case 'invalid_element':
    case 'invalid_union':
      return 'has none of the accepted forms'
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`
    default:
      return issue.message
  }
}

function formatDetail(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  const { format, pattern } = issue
  const known = FORMATS[format]
  if (known !== undefined) return `must be ${known}`
  return pattern === undefined ? 'has the wrong format' : `must match the pattern ${pattern}`
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
