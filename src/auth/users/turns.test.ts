import { expect, it } from 'vitest'
import { createTurns } from './turns.ts'

/** Jobs that end when they are told to, and the order in which they started. */
function createJobs() {
  const started: string[] = []
  const ends = new Map<string, () => void>()
  const job = (name: string) => () => {
    started.push(name)
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
  }
  return { started, job, end: (name: string) => ends.get(name)?.() }
}

it('starts a few jobs at a time, and lets the owners take turns', async () => {
  const turns = createTurns({ atOnce: 1, maxPerOwner: 10, maxWaiting: 10 })
  const { started, job, end } = createJobs()
  const all = ['a1', 'a2', 'a3', 'b1'].map((name) => turns(name.slice(0, 1), job(name)))
  const order = ['a1', 'a2', 'b1', 'a3']
  for (const [index, name] of order.entries()) {
    await expect.poll(() => started).toEqual(order.slice(0, index + 1))
    end(name)
  }
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1'])
})

it('refuses an owner with too many jobs, and everybody beyond the total', async () => {
  const turns = createTurns({ atOnce: 1, maxPerOwner: 2, maxWaiting: 3 })
  const { started, job, end } = createJobs()
  const all = ['a1', 'a2', 'a3'].map((name) => turns('a', job(name)))
  await expect(turns('a', job('a4'))).rejects.toMatchObject({ code: 'rate_limited' })
  all.push(turns('b', job('b1')))
  await expect(turns('c', job('c1'))).rejects.toMatchObject({ code: 'rate_limited' })
  for (const name of ['a1', 'a2', 'b1', 'a3']) {
    await expect.poll(() => started).toContain(name)
    end(name)
  }
  await Promise.all(all)
})

it('goes on after a job that fails', async () => {
  const turns = createTurns({ atOnce: 1, maxPerOwner: 2, maxWaiting: 2 })
  await expect(turns('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await turns('a', () => Promise.resolve('yes'))).toBe('yes')
})
