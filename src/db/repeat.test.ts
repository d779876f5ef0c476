import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { repeat } from './repeat.ts'

describe('repeat', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('runs at once, then after each pause, until it is stopped', async () => {
    const work = vi.fn()
    const repetition = repeat(work, { everyMs: 250 })
    expect(work).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(249)
    expect(work).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(work).toHaveBeenCalledTimes(2)
    await repetition.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(work).toHaveBeenCalledTimes(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('never runs twice at once: the pause begins when a run is over', async () => {
    const ends: (() => void)[] = []
    const work = vi.fn(() => new Promise<void>((resolve) => ends.push(resolve)))
    const repetition = repeat(work, { everyMs: 100 })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(work).toHaveBeenCalledTimes(1)
    ends[0]?.()
    await vi.advanceTimersByTimeAsync(99)
    expect(work).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(work).toHaveBeenCalledTimes(2)
    ends[1]?.()
    await repetition.stop()
  })

  it('is stopped when the run under way is over, however often it is asked to', async () => {
    let end = (): void => {}
    const repetition = repeat(() => new Promise<void>((resolve) => (end = resolve)), { everyMs: 100 })
    let stopped = 0
    const stops = [repetition.stop(), repetition.stop()].map((stop) => stop.then(() => (stopped += 1)))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stopped).toBe(0)
    end()
    await Promise.all(stops)
    await repetition.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('reports what fails, and goes on', async () => {
    const onError = vi.fn()
    const work = vi.fn(() => {
      throw new Error('away')
    })
    const repetition = repeat(work, { everyMs: 100, onError })
    await vi.advanceTimersByTimeAsync(100)
    await repetition.stop()
    expect(onError.mock.calls).toEqual([[new Error('away')], [new Error('away')]])
  })

  it('varies the pauses by their jitter', async () => {
    const times: number[] = []
    const repetition = repeat(() => times.push(Date.now()), { everyMs: 1_000, jitter: 0.2 })
    await vi.advanceTimersByTimeAsync(100_000)
    await repetition.stop()
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(pauses.length).toBeGreaterThan(80)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(800)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1_200)
    expect(new Set(pauses).size).toBeGreaterThan(20)
  })
})
