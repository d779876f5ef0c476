import { expect, test, vi } from 'vitest'
import { announcePressure, PRESSURE_CHANNEL, type LoopTime } from './pressure.ts'

/** Whether a process whose event loop does this in each second announces pressure. */
async function announces({ active, processor }: Omit<LoopTime, 'elapsed'>): Promise<boolean> {
  const publish = vi.fn()
  let reads = 0
  const read = () => {
    reads += 1
    return { elapsed: reads * 1_000, active: reads * active, processor: reads * processor }
  }
  const announcing = announcePressure({ signals: { publish }, read, everyMs: 1 })
  await vi.waitFor(() => expect(reads).toBeGreaterThan(5))
  await announcing.stop()
  for (const call of publish.mock.calls) expect(call).toEqual([PRESSURE_CHANNEL, ''])
  return publish.mock.calls.length > 0
}

test('a busy event loop that has to wait for a processor announces pressure', async () => {
  expect(await announces({ active: 850, processor: 450 })).toBe(true)
})

test('a busy event loop with its own processor does not', async () => {
  expect(await announces({ active: 990, processor: 980 })).toBe(false)
})

test('an event loop that has time left does not, even on a busy machine', async () => {
  expect(await announces({ active: 300, processor: 20 })).toBe(false)
})

test('it measures its own thread', async () => {
  const publish = vi.fn()
  const announcing = announcePressure({ signals: { publish }, everyMs: 20 })
  // Busy all the time, but for half of it, it sleeps within its turns, on any machine.
  const until = performance.now() + 5_000
  while (publish.mock.calls.length === 0 && performance.now() < until) {
    const began = performance.now()
    while (performance.now() - began < 20);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    await new Promise(setImmediate)
  }
  await announcing.stop()
  expect(publish).toHaveBeenCalledWith(PRESSURE_CHANNEL, '')
})
