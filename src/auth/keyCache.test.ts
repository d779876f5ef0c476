import { beforeEach, expect, it } from 'vitest'
import { createKeyCache, type KeyCache } from './keyCache.ts'

let clock: number
let searches: string[]
let cache: KeyCache<string>

beforeEach(() => {
  clock = 0
  searches = []
  cache = createKeyCache({ rememberMs: 5_000, maxKeys: 2, now: () => clock })
})

function ask(key: string, value: string | undefined = `value of ${key}`) {
  return cache.get(key, async () => {
    searches.push(key)
    return value
  })
}

it('remembers a key for a while', async () => {
  expect(await ask('a')).toBe('value of a')
  clock = 4_999
  expect(await ask('a', 'changed')).toBe('value of a')
  clock = 5_000
  expect(await ask('a', 'changed')).toBe('changed')
  expect(searches).toEqual(['a', 'a'])
})

it('looks once for many who ask at once', async () => {
  expect(await Promise.all([ask('a'), ask('a'), ask('a')])).toEqual([
    'value of a',
    'value of a',
    'value of a',
  ])
  expect(searches).toEqual(['a'])
})

it('does not remember that a key is unknown', async () => {
  const nothing = () => cache.get('a', async () => undefined)
  expect(await nothing()).toBeUndefined()
  expect(await ask('a')).toBe('value of a')
})

it('looks again after a search that failed', async () => {
  const failing = cache.get('a', () => Promise.reject(new Error('away')))
  await expect(failing).rejects.toThrow('away')
  expect(await ask('a')).toBe('value of a')
})

it('drops the oldest key when it is full', async () => {
  for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) await ask(key)
  expect(searches).toEqual(['a', 'b', 'c', 'a'])
})

it('forgets what it is told to, and nothing else', async () => {
  await ask('a')
  await ask('b')
  cache.forget((value) => value === 'value of a')
  await ask('b')
  await ask('a')
  expect(searches).toEqual(['a', 'b', 'a'])
})

it('does not remember what was found before it was told to forget', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const early = cache.get('a', () => promise)
  cache.forget((value) => value === 'old')
  resolve('old')
  expect(await early).toBe('old')
  expect(await ask('a', 'new')).toBe('new')
})
