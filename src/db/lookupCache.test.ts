import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createLookupCache, type LookupCache } from './lookupCache.ts'

type Entry = { text: string }

afterEach(() => vi.useRealTimers())

let clock: number
let searches: string[]
let find: (key: string) => Promise<Entry | undefined>
let cache: LookupCache<Entry>

beforeEach(() => {
  clock = 1
  searches = []
  find = (key) => Promise.resolve({ text: `value of ${key}` })
  cache = createLookupCache({
    ttlMs: 5_000,
    maxEntries: 2,
    now: () => clock,
    lookUp(key) {
      searches.push(key)
      return find(key)
    },
  })
})

it('remembers a value for a while', async () => {
  expect(await cache.get('a')).toEqual({ text: 'value of a' })
  find = () => Promise.resolve({ text: 'changed' })
  clock = 5_001
  expect(await cache.get('a')).toEqual({ text: 'value of a' })
  clock = 5_002
  expect(await cache.get('a')).toEqual({ text: 'changed' })
  expect(searches).toEqual(['a', 'a'])
})

it('does not depend on the system time, which can be changed', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const timeless = createLookupCache({
    ttlMs: 3_600_000,
    maxEntries: 2,
    lookUp: (key) => (searches.push(key), find(key)),
  })
  await timeless.get('a')
  vi.setSystemTime(Date.now() + 24 * 3_600_000)
  await timeless.get('a')
  expect(searches).toEqual(['a'])
})

it('keeps a value without a time to live as long as there is room', async () => {
  const lasting = createLookupCache({ maxEntries: 2, lookUp: (key) => (searches.push(key), find(key)) })
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await lasting.get(key)
  expect(searches).toEqual(['a', 'b', 'c', 'b'])
})

it('looks once for many who ask at once', async () => {
  const all = await Promise.all([cache.get('a'), cache.get('a'), cache.get('a')])
  expect(all.map((value) => value?.text)).toEqual(['value of a', 'value of a', 'value of a'])
  expect(searches).toEqual(['a'])
})

it('does not remember that there is nothing, nor that a search failed', async () => {
  find = () => Promise.resolve(undefined)
  expect(await cache.get('a')).toBeUndefined()
  find = () => Promise.reject(new Error('away'))
  await expect(cache.get('a')).rejects.toThrow('away')
  find = () => Promise.resolve({ text: 'there' })
  expect(await cache.get('a')).toEqual({ text: 'there' })
})

it('drops what was used least recently when it is full', async () => {
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(key)
  expect(searches).toEqual(['a', 'b', 'c', 'b'])
})

it('looks again after it was cleared, and gives nobody what was found before', async () => {
  const old = Promise.withResolvers<Entry>()
  find = () => old.promise
  const early = cache.get('a')
  cache.clear()
  find = () => Promise.resolve({ text: 'new' })
  old.resolve({ text: 'old' })
  expect(await early).toEqual({ text: 'new' })
  expect(await cache.get('a')).toEqual({ text: 'new' })
  expect(searches).toEqual(['a', 'a'])
})

it('gives an answer although it is cleared all the time', async () => {
  find = () => {
    cache.clear()
    return Promise.resolve({ text: 'there' })
  }
  expect(await cache.get('a')).toEqual({ text: 'there' })
})

it('serves more look-ups at once than it has room for', async () => {
  const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`)
  const found = await Promise.all(keys.map((key) => cache.get(key)))
  expect(found.map((value) => value?.text)).toEqual(keys.map((key) => `value of ${key}`))
})
