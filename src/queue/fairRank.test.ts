import { describe, expect, it } from 'vitest'
import { createFairRanks } from './fairRank.ts'

describe('fair ranks', () => {
  it('puts the first task of another agent beside the first of a long burst', () => {
    const ranks = createFairRanks()
    const burst = Array.from({ length: 5000 }, () => ranks.next('a'))
    expect(burst.at(-1)).toBe(4999)
    expect(ranks.next('b')).toBe(0)
    ranks.update(120)
    expect(ranks.next('c')).toBe(120)
    expect(ranks.next('a')).toBe(5000)
  })

  it('never begins again: an agent that was served starts at the head', () => {
    const ranks = createFairRanks()
    ranks.next('a')
    ranks.next('a')
    ranks.update(2)
    expect(ranks.next('a')).toBe(2)
    expect(ranks.next('b')).toBe(2)
  })
})
