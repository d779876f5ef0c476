import { expect, it } from 'vitest'
import { createTimeAxis } from './timeAxis.ts'

it('gives one interval the whole axis', () => {
  const axis = createTimeAxis([{ from: 1_000, to: 3_000 }])
  expect([0, 1_000, 1_500, 3_000, 9_000].map(axis.at)).toEqual([0, 0, 0.25, 1, 1])
  expect(axis.activeMs).toBe(2_000)
})

it('shortens the gaps between intervals', () => {
  const day = 86_400_000
  const axis = createTimeAxis([
    { from: 0, to: 1_000 },
    { from: day, to: day + 1_000 },
  ])
  const [end, begin, after] = [1_000, day, day + 1_000].map(axis.at)
  expect(end).toBeCloseTo(1_000 / 2_080)
  expect(begin).toBeCloseTo(1_080 / 2_080)
  expect(after).toBe(1)
})

it('keeps a short gap as it is, and never runs backwards', () => {
  const axis = createTimeAxis([
    { from: 0, to: 1_000 },
    { from: 1_010, to: 2_000 },
  ])
  expect(axis.at(1_010) - axis.at(1_000)).toBeCloseTo(10 / 2_000)
  const times = Array.from({ length: 300 }, (_, index) => axis.at(index * 10))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

it('accepts no intervals, and one of zero length', () => {
  expect(createTimeAxis([]).at(5)).toBe(0)
  expect(createTimeAxis([{ from: 5, to: 5 }]).at(5)).toBe(0)
})
