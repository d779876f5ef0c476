import { expect, it } from 'vitest'
import { SETTINGS } from '../config/settings.ts'
import { HELP } from './help.ts'

it('names settings that exist', () => {
  const known = Object.values(SETTINGS).map(({ name }) => name)
  const named = HELP.match(/\b[A-Z]+(_[A-Z]+)+\b/g) ?? []
  expect(named).toContain('OPENAI_API_KEY')
  expect(named.filter((name) => !known.includes(name))).toEqual([])
})
