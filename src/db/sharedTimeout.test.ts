import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSharedTimeout } from './sharedTimeout.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('tells each wait that is late, in its order, and none that has ended', () => {
  const timeout = createSharedTimeout(100)
  const late: string[] = []
  timeout.start(() => late.push('a'))
  vi.advanceTimersByTime(40)
  const end = timeout.start(() => late.push('b'))
  timeout.start(() => late.push('c'))
  vi.advanceTimersByTime(59)
  expect(late).toEqual([])
  vi.advanceTimersByTime(1)
  expect(late).toEqual(['a'])
  end()
  vi.advanceTimersByTime(40)
  expect(late).toEqual(['a', 'c'])
  timeout.start(() => late.push('d'))
  vi.advanceTimersByTime(100)
  expect(late).toEqual(['a', 'c', 'd'])
})
