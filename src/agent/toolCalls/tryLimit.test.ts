import { expect, it } from 'vitest'
import { BellwireError } from '../../errors.ts'
import { createTryLimit } from './tryLimit.ts'

it('gives each caller a share, and those without a call the last places', () => {
  const enter = createTryLimit()
  const ends: (() => void)[] = []
  const attempt = (caller: string): string => {
    try {
      ends.push(enter(caller))
      return 'ok'
    } catch (error) {
      if (error instanceof BellwireError) return error.code
      throw error
    }
  }
  const attempts = (caller: string): string[] => Array.from({ length: 5 }, () => attempt(caller))
  const four = ['ok', 'ok', 'ok', 'ok', 'rate_limited']
  expect([attempts('one'), attempts('two')]).toEqual([four, four])
  // Half of the places are taken: the others get one each.
  for (let n = 0; n < 8; n += 1) {
    expect([attempt(`other ${n}`), attempt(`other ${n}`)]).toEqual(['ok', 'overloaded'])
  }
  expect(attempt('late')).toBe('overloaded')
  ends[0]?.()
  expect([attempt('one'), attempt('late'), attempt('later')]).toEqual(['overloaded', 'ok', 'overloaded'])
  for (const end of ends.slice(1)) end()
  expect(attempts('one')).toEqual(four)
})
