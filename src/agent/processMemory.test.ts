import { describe, expect, it } from 'vitest'
import { createProcessMemory } from './processMemory.ts'

/** A byte of a run counts four times. */
const memory = (bytes: number) => createProcessMemory(4 * bytes)
const never = new AbortController().signal

/** Whether a promise is settled once everything that can run now has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = () => (settled = true)
  promise.then(note, note)
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

describe('runs', () => {
  it('start at once if they fit, and wait for room otherwise', async () => {
    const { openRun, waiting } = memory(100)
    const first = await openRun(60, never)
    await openRun(40, never)
    const third = openRun(50, never)
    expect(await isSettled(third)).toBe(false)
    expect(waiting()).toBe(1)
    first.release()
    await third
    expect(waiting()).toBe(0)
  })

  it('run alone if they are larger than the limit', async () => {
    const { openRun } = memory(100)
    const small = await openRun(1, never)
    const large = openRun(1_000, never)
    expect(await isSettled(large)).toBe(false)
    small.release()
    const hold = await large
    const next = openRun(1, never)
    expect(await isSettled(next)).toBe(false)
    hold.release()
    hold.release()
    await next
  })

  it('are not overtaken indefinitely', async () => {
    const { openRun } = memory(100)
    let running = await openRun(10, never)
    const large = openRun(1_000, never)
    let overtook = 0
    for (;;) {
      const next = openRun(10, never)
      if (!(await isSettled(next))) break
      overtook += 1
      const before = running
      running = await next
      before.release()
    }
    expect(overtook).toBe(100)
    running.release()
    await large
  })

  it('stop waiting when they are stopped', async () => {
    const { openRun } = memory(100)
    const stop = new AbortController()
    await openRun(90, never)
    const stopped = openRun(90, stop.signal)
    stop.abort(new Error('cancelled'))
    await expect(stopped).rejects.toThrow('cancelled')
    await expect(openRun(1, stop.signal)).rejects.toThrow('cancelled')
    await openRun(10, never)
  })
})

describe('what a run adds', () => {
  it('delays the start of others', async () => {
    const { openRun } = memory(100)
    const first = await openRun(10, never)
    first.keep(80)
    const second = openRun(20, never)
    expect(await isSettled(second)).toBe(false)
    first.release()
    await second
  })

  it('is read only when there is room, except by the oldest run', async () => {
    const { openRun } = memory(100)
    const oldest = await openRun(40, never)
    const younger = await openRun(40, never)
    const arriving = younger.receive()
    await arriving.take(20, never)
    const more = arriving.take(20, never)
    expect(await isSettled(more)).toBe(false)
    await oldest.receive().take(1_000, never)
    const third = openRun(30, never)
    oldest.release()
    await more
    // The next oldest.
    await arriving.take(1_000, never)
    expect(await isSettled(third)).toBe(false)
    arriving.release()
    arriving.release()
    await third
  })

  it('no longer counts when its call or its run has ended', async () => {
    const { openRun } = memory(100)
    const oldest = await openRun(50, never)
    const run = await openRun(50, never)
    const arriving = run.receive()
    const late = arriving.take(30, never)
    arriving.release()
    run.release()
    await late
    await arriving.take(30, never)
    run.keep(30)
    const next = await openRun(50, never)
    next.release()
    oldest.release()
    await openRun(100, never)
  })

  it('ends its wait with its call', async () => {
    const { openRun } = memory(100)
    await openRun(50, never)
    const run = await openRun(50, never)
    const stop = new AbortController()
    const late = run.receive().take(30, stop.signal)
    stop.abort(new Error('too late'))
    await expect(late).rejects.toThrow('too late')
  })
})

describe('answers', () => {
  it('share the memory with runs', async () => {
    const { openRun, openAnswer } = memory(100)
    await openRun(20, never)
    const evicted: string[] = []
    const large = openAnswer(() => evicted.push('large'))
    const small = openAnswer(() => evicted.push('small'))
    large.add(310)
    small.add(10)
    const second = openRun(1, never)
    expect(await isSettled(second)).toBe(false)
    expect(evicted).toEqual([])
    small.add(1)
    expect(evicted).toEqual(['large'])
    await second
  })

  it('can always use half of it', async () => {
    const { openRun, openAnswer } = memory(100)
    await openRun(1_000, never)
    const evicted: string[] = []
    const answer = openAnswer(() => evicted.push('answer'))
    answer.add(200)
    expect(evicted).toEqual([])
    answer.add(1)
    expect(evicted).toEqual(['answer'])
  })
})
