import { expect, it } from 'vitest'
import { inWords, readableKind, shownValue } from './auditWords.ts'

it('puts operations and kinds into words', () => {
  expect(inWords('updateAgent')).toBe('Update agent')
  expect(inWords('createApiKey')).toBe('Create API key')
  expect(readableKind('api_key')).toBe('API key')
})

it('shows texts as they are, other values as JSON, and long ones shortened', () => {
  expect(shownValue('Be brief.')).toBe('Be brief.')
  expect(shownValue(null)).toBe('null')
  expect(shownValue({ max_steps: 3 })).toBe('{\n  "max_steps": 3\n}')
  expect(shownValue('x'.repeat(3_000))).toHaveLength(2_001)
})
