import { expect, it } from 'vitest'
import { createBatches } from './batches.ts'

it('handles alone what comes alone, and together what comes meanwhile', async () => {
  const sizes: number[] = []
  let release = (): void => {}
  const batches = createBatches<number, number>({
    async handle(items) {
      sizes.push(items.length)
      if (sizes.length === 1) await new Promise<void>((resolve) => (release = resolve))
      return items.map((item) => item * 2)
    },
    maxItems: 3,
    inFlight: 1,
  })
  const first = batches.add(1)
  while (sizes.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const rest = [2, 3, 4, 5].map((item) => batches.add(item))
  release()
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8, 10])
  expect(sizes).toEqual([1, 3, 1])
  await batches.idle()
})

it('gives back only what is not under way', async () => {
  const handled: { n: number }[] = []
  let release = (): void => {}
  const batches = createBatches<{ n: number }, number>({
    async handle(items) {
      handled.push(...items)
      await new Promise<void>((resolve) => (release = resolve))
      return items.map(({ n }) => n)
    },
    maxItems: 1,
    inFlight: 1,
  })
  const [one, two] = [{ n: 1 }, { n: 2 }]
  const first = batches.add(one)
  void batches.add(two)
  while (handled.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(batches.withdraw(one)).toBe(false)
  expect(batches.withdraw(two)).toBe(true)
  release()
  expect(await first).toBe(1)
  await batches.idle()
  expect(handled).toEqual([one])
})

it('fails every item of a batch that fails, and goes on', async () => {
  let broken = true
  const batches = createBatches<number, number>({
    handle: (items) => (broken ? Promise.reject(new Error('away')) : Promise.resolve(items)),
    maxItems: 10,
    inFlight: 2,
  })
  await expect(Promise.all([batches.add(1), batches.add(2)])).rejects.toThrow('away')
  broken = false
  expect(await batches.add(3)).toBe(3)
})

it('starts a further batch once as many wait as are in progress, or after a while', async () => {
  const releases: (() => void)[] = []
  const sizes: number[] = []
  const batches = createBatches<number, number>({
    async handle(items) {
      sizes.push(items.length)
      await new Promise<void>((resolve) => releases.push(resolve))
      return items
    },
    inFlight: 3,
  })
  const started = async (count: number): Promise<void> => {
    while (sizes.length < count) await new Promise((resolve) => setImmediate(resolve))
  }
  const all = [1, 2, 3].map((item) => batches.add(item))
  await started(1)
  const began = performance.now()
  all.push(batches.add(4))
  await started(2)
  expect(performance.now() - began).toBeGreaterThan(4)
  all.push(...[5, 6, 7, 8].map((item) => batches.add(item)))
  await started(3)
  expect(sizes).toEqual([3, 1, 4])
  for (const release of releases) release()
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})
