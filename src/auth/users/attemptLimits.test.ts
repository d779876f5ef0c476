import { describe, expect, it } from 'vitest'
import {
  ACCOUNT_LIMIT,
  addFailure,
  ADDRESS_LIMIT,
  waitOf,
  type AttemptCount,
  type AttemptLimit,
} from './attemptLimits.ts'

const NONE: AttemptCount = { failures: 0, retryInMs: 0, resetsInMs: 0 }
const HOUR = 3_600_000

/** The same count, some milliseconds later. */
const later = ({ failures, retryInMs, resetsInMs }: AttemptCount, ms: number): AttemptCount => ({
  failures,
  retryInMs: retryInMs - ms,
  resetsInMs: resetsInMs - ms,
})

/** Fails as soon as that is possible, and returns the seconds before each attempt. */
function waits(limit: AttemptLimit, times: number): number[] {
  let count = NONE
  return Array.from({ length: times }, () => {
    const wait = waitOf(count, limit)
    count = addFailure(later(count, wait), limit)
    return wait / 1_000
  })
}

describe('growing waits', () => {
  it('begin after five failures, and double up to an hour', () => {
    expect(waits(ACCOUNT_LIMIT, 13)).toEqual([0, 0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600])
  })

  it('allow fewer than thirty guesses in a day, whenever they are made', () => {
    let count = NONE
    let guesses = 0
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      while (waitOf(count, ACCOUNT_LIMIT) === 0) {
        count = addFailure(count, ACCOUNT_LIMIT)
        guesses += 1
      }
      count = later(count, 60_000)
    }
    expect(guesses).toBeLessThan(35)
    expect(guesses).toBeGreaterThan(25)
  })

  it('stay long while failures continue, and end a day after the last one', () => {
    let count = NONE
    for (let n = 0; n < 40; n += 1) count = addFailure(later(count, 2 * HOUR), ACCOUNT_LIMIT)
    expect(waitOf(count, ACCOUNT_LIMIT)).toBe(HOUR)
    expect(waitOf(later(count, 24 * HOUR), ACCOUNT_LIMIT)).toBe(0)
    expect(addFailure(later(count, 24 * HOUR), ACCOUNT_LIMIT).failures).toBe(1)
  })
})

describe('a window', () => {
  it('begins with its first failure, and once it is full, refuses attempts until it ends', () => {
    let count = NONE
    for (let n = 0; n < 30; n += 1) {
      expect(waitOf(count, ADDRESS_LIMIT)).toBe(0)
      count = addFailure(later(count, 1_000), ADDRESS_LIMIT)
    }
    expect(waitOf(count, ADDRESS_LIMIT)).toBe(600_000 - 29_000)
    const over = later(count, 571_000)
    expect(waitOf(over, ADDRESS_LIMIT)).toBe(0)
    expect(addFailure(over, ADDRESS_LIMIT)).toEqual({ failures: 1, retryInMs: 600_000, resetsInMs: 600_000 })
  })

  it('has room again when an attempt turns out to be right', () => {
    const full = { failures: 30, retryInMs: 500_000, resetsInMs: 500_000 }
    expect(waitOf({ ...full, failures: 29 }, ADDRESS_LIMIT)).toBe(0)
  })
})
