import { expect, test } from 'vitest'
import { createStartLimit, LASTS_MS, STARTS_PER_SECOND, TOGETHER } from './startLimit.ts'

function limitWithClock() {
  let ms = 5_000
  const limit = createStartLimit(() => ms)
  return { ...limit, pass: (more: number) => (ms += more) }
}

test('without pressure any number may start', () => {
  const limit = limitWithClock()
  limit.started(10_000)
  expect(limit.allowed()).toBe(Infinity)
  expect(limit.waitMs()).toBe(0)
})

test('what started before the pressure does not count', () => {
  const limit = limitWithClock()
  limit.started(10_000)
  limit.press()
  expect(limit.allowed()).toBe(TOGETHER)
})

test('under pressure, starts stay below the rate, and come in groups', () => {
  const limit = limitWithClock()
  let started = 0
  const groups: number[] = []
  for (let elapsed = 0; elapsed < 10_000; elapsed += 5, limit.pass(5)) {
    if (elapsed % 250 === 0) limit.press()
    const allowed = limit.allowed()
    if (allowed === 0) continue
    groups.push(allowed)
    started += allowed
    limit.started(allowed)
  }
  expect(new Set(groups)).toEqual(new Set([TOGETHER]))
  expect(started).toBeGreaterThan(0.9 * 10 * STARTS_PER_SECOND)
  expect(started).toBeLessThanOrEqual(10 * STARTS_PER_SECOND + TOGETHER)
})

test('fewer than a group wait for a shorter time', () => {
  const limit = limitWithClock()
  limit.press()
  limit.started(1)
  expect(limit.waitMs()).toBeCloseTo(1_000 / STARTS_PER_SECOND)
  limit.pass(limit.waitMs())
  expect(limit.allowed()).toBe(TOGETHER)
})

test('a message counts for a while, and the next one extends it', () => {
  const limit = limitWithClock()
  expect(limit.press()).toBe(true)
  limit.pass(LASTS_MS - 1)
  expect(limit.allowed()).toBe(TOGETHER)
  expect(limit.press()).toBe(false)
  limit.pass(LASTS_MS - 1)
  expect(limit.allowed()).toBe(TOGETHER)
  limit.pass(1)
  expect(limit.allowed()).toBe(Infinity)
})
