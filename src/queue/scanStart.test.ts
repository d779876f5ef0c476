import { expect, it } from 'vitest'
import { createScanStart } from './scanStart.ts'

it('starts where the last second found something, and at the beginning now and then', () => {
  let now = 0
  const scan = createScanStart(() => now)
  expect(scan.next()).toEqual({})
  scan.found([-5, 10, 11])
  scan.found([7, 12])
  expect(scan.next()).toEqual({})
  now = 1_000
  expect(scan.next()).toEqual({ resumed: -5, fresh: 7 })
  scan.found([20])
  expect(scan.next()).toEqual({ resumed: -5, fresh: 7 })
  now = 2_000
  expect(scan.next()).toEqual({ resumed: -5, fresh: 20 })
  now = 3_000
  expect(scan.next()).toEqual({})
  expect(scan.next()).toEqual({ resumed: -5, fresh: 20 })
  scan.reset()
  expect(scan.next()).toEqual({})
})
