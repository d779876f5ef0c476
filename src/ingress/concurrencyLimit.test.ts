import { expect, it } from 'vitest'
import { createConcurrencyLimit } from './concurrencyLimit.ts'

it('does work in its order, a few at a time, and refuses what waits too long', async () => {
  const limit = createConcurrencyLimit({ max: 2, withinMs: 50 })
  const begun: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>())
  const results = gates.map(({ promise }, index) =>
    limit(() => {
      begun.push(index)
      return promise
    }),
  )
  const late = expect(results[4]).rejects.toMatchObject({ code: 'overloaded' })
  expect(begun).toEqual([])
  await Promise.resolve()
  expect(begun).toEqual([0, 1])
  gates[1]?.resolve(1)
  expect(await results[1]).toBe(1)
  const failure = expect(results[0]).rejects.toThrow('broken')
  gates[0]?.reject(new Error('broken'))
  await failure
  expect(begun).toEqual([0, 1, 2, 3])
  await late
  gates[2]?.resolve(2)
  gates[3]?.resolve(3)
  expect(await Promise.all([results[2], results[3]])).toEqual([2, 3])
  expect(await limit(() => Promise.resolve(6))).toBe(6)
  expect(begun).toEqual([0, 1, 2, 3])
})
