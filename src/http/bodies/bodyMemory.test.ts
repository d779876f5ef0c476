import { expect, it } from 'vitest'
import { createBodyMemory } from './bodyMemory.ts'

it('gives room until it is full, and gives it anew when it is released', () => {
  const memory = createBodyMemory({ maxBytes: 800_000, largestBytes: 100_000 })
  const leases = Array.from({ length: 7 }, () => memory.take(100_000))
  expect([leases.every(Boolean), memory.used]).toEqual([true, 700_000])
  expect(memory.take(100_000)).toBeUndefined()
  leases[0]?.release()
  leases[0]?.release()
  expect(memory.used).toBe(600_000)
  expect(memory.take(100_000)).toBeDefined()
})

it('keeps an eighth for small bodies alone', () => {
  const memory = createBodyMemory({ maxBytes: 800_000, largestBytes: 100_000 })
  expect(memory.take(700_000)).toBeDefined()
  const small = memory.take(50_000)
  expect(small).toBeDefined()
  expect(memory.take(70_000)).toBeUndefined()
  // One that grows past what is small must fit where large ones do.
  expect([small?.grow(10_000), small?.grow(10_000), memory.used]).toEqual([true, false, 760_000])
})

it('has room for the largest body that is allowed', () => {
  const memory = createBodyMemory({ maxBytes: 1_000_000, largestBytes: 1_000_000 })
  expect(memory.take(1_000_000)).toBeDefined()
  expect(memory.take(1)).toBeUndefined()
})
