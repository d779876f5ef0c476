import { expect, it } from 'vitest'
import { createScanStart } from './scanStart.ts'

it('starts where the last second found something, and at the beginning now and then', () => {
  let now = 0
  const scan = createScanStart(() => now)
  expect(scan.next(true)).toEqual({})
  scan.found([-5, 10, 11])
  scan.found([7, 12])
  expect(scan.next(true)).toEqual({})
  now = 1_000
  expect(scan.next(true)).toEqual({ resumed: -5, fresh: 7 })
  scan.found([20])
  expect(scan.next(true)).toEqual({ resumed: -5, fresh: 7 })
  now = 2_000
  expect(scan.next(true)).toEqual({ resumed: -5, fresh: 20 })
  now = 3_000
  expect(scan.next(true)).toEqual({})
  expect(scan.next(true)).toEqual({ resumed: -5, fresh: 20 })
  scan.reset()
  expect(scan.next(true)).toEqual({})
})

it('spends little of the time on scans from the beginning when they take long', () => {
  let now = 0
  const scan = createScanStart(() => now)
  expect(scan.next(true)).toEqual({})
  scan.found([7])
  scan.took(200)
  for (now = 1_000; now < 10_000; now += 1_000) expect(scan.next(true)).toEqual({ fresh: 7 })
  scan.reset()
  now = 9_999
  expect(scan.next(true)).toEqual({ fresh: 7 })
  now = 10_000
  expect(scan.next(true)).toEqual({})
})

it('keeps the look from the beginning for a scan that leaves nothing out', () => {
  let now = 0
  const scan = createScanStart(() => now)
  expect(scan.next(true)).toEqual({})
  scan.found([7])
  now = 1_000
  expect(scan.next(true)).toEqual({ fresh: 7 })
  scan.reset()
  expect(scan.next(false)).toEqual({ fresh: 7 })
  expect(scan.next(true)).toEqual({})
})
