import { expect, it } from 'vitest'
import { z } from 'zod'
import { issueDetail } from './issueDetail.ts'

function detailOf(schema: z.ZodType, input: unknown): string | undefined {
  const issue = schema.safeParse(input).error?.issues[0]
  return issue && issueDetail(issue)
}

it.each<[z.ZodType, unknown, string]>([
  [z.number(), 'x', 'must be a number'],
  [z.coerce.number(), 'x', 'must be a number'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.int(), 'x', 'must be a number'],
  [z.string(), 1, 'must be a string'],
  [z.boolean(), 'x', 'must be true or false'],
  [z.array(z.string()), {}, 'must be a list'],
  [z.strictObject({}), [], 'must be an object'],
  [z.record(z.string(), z.string()), 'x', 'must be an object'],
  [z.null(), 'x', 'must be null'],
  [z.number().min(1), 0, 'must be at least 1'],
  [z.number().gt(0), 0, 'must be more than 0'],
  [z.number().max(200), 201, 'must be at most 200'],
  [z.number().lt(1), 1, 'must be less than 1'],
  [z.string().min(1), '', 'must have at least 1 character'],
  [z.string().max(2), 'xxx', 'must have at most 2 characters'],
  [z.array(z.int()).max(1), [1, 2], 'must have at most 1 item'],
  [z.enum(['cancel', 'finish']), 'bogus', 'must be "cancel" or "finish"'],
  [z.enum(['a', 'b', 'c']), 'x', 'must be "a", "b" or "c"'],
  [z.literal('x'), 'y', 'must be "x"'],
  [z.iso.date(), '3 May', 'must be a date such as 2026-03-01'],
  [z.string().regex(/^a$/, 'use an a'), 'b', 'use an a'],
  [z.string().regex(/^a$/), 'b', 'must match the pattern /^a$/'],
  [z.uuid(), 'b', 'must be an id, such as 0192f0c1-7d3e-7c4a-9b1f-2a6c5e8d4f10'],
  [z.iso.datetime(), 'b', 'must be a time such as 2026-03-01T08:00:00Z'],
  [z.url(), 'b', 'must be a URL such as https://example.com'],
  [z.number().multipleOf(5), 3, 'must be a multiple of 5'],
  [z.union([z.string(), z.number()]), true, 'has none of the accepted forms'],
  [z.record(z.string().regex(/^a$/), z.int()), { b: 1 }, 'has a name that is not allowed here'],
  [z.strictObject({}), { b: 1 }, 'has unknown fields: b'],
  [z.int().min(1, 'from 1 up'), 0, 'from 1 up'],
])('says what a value must be: %#', (schema, input, detail) => {
  expect(detailOf(schema, input)).toBe(detail)
})
