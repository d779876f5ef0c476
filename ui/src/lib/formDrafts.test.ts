import { beforeEach, expect, it, vi } from 'vitest'
import { takeBrowser } from './browserOwner.ts'
import { dropDraft, hasSecret, keepDraft, readDrafts } from './formDrafts.ts'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
  takeBrowser('ada')
  return () => vi.unstubAllGlobals()
})

const initial = { name: 'Bell', tools: '[]' }

it('keeps a draft of each visit, and drops one', () => {
  expect(readDrafts('a')).toEqual([])
  expect(keepDraft('a', { id: '1', revision: 1, form: { ...initial, name: 'B' } }, initial)).toBe(true)
  keepDraft('a', { id: '1', revision: 1, form: { ...initial, name: 'Be' } }, initial)
  keepDraft('a', { id: '2', revision: 2, form: { ...initial, name: 'Other' } }, initial)
  keepDraft('b', { id: '3', revision: 1, form: initial }, initial)
  expect(new Set(readDrafts('a').map(({ form }) => form['name']))).toEqual(new Set(['Be', 'Other']))
  dropDraft('a', '2')
  expect(readDrafts('a')).toMatchObject([
    { id: '1', revision: 1, left: [], form: { name: 'Be', tools: '[]' } },
  ])
})

it('leaves out what seems to be a secret, and says so', () => {
  const tools = '[{ "headers": { "Authorization": "Bearer abcdefgh12345678" } }]'
  keepDraft('a', { id: '1', revision: 1, form: { name: 'New', tools } }, initial)
  expect(readDrafts('a')).toMatchObject([{ form: { name: 'New', tools: '[]' }, left: ['tools'] }])
})

it('leaves out a secret that was saved before, changed or not', () => {
  const tools = '[{ "headers": { "Authorization": "Bearer abcdefgh12345678" } }]'
  const saved = { ...initial, tools }
  keepDraft('a', { id: '1', revision: 1, form: { ...saved, name: 'New' } }, saved)
  expect(readDrafts('a')).toMatchObject([{ form: { name: 'New' }, left: [] }])
  keepDraft('a', { id: '1', revision: 1, form: { name: 'New', tools: `${tools} ` } }, saved)
  expect(readDrafts('a')).toMatchObject([{ form: { name: 'New' }, left: ['tools'] }])
  expect(localStorage.getItem('bellwire-draft:a')).not.toContain('abcdefgh12345678')
})

it.each([
  ['Use sk-proj-abcdefgh1234', true],
  ['"authorization": "Bearer {{ secrets.TOKEN }}"', false],
  ['"authorization": "abcdefgh12345678"', true],
  ['"x-api-key": "{{ secrets.KEY }}"', false],
  ['https://user:pass@example.com', true],
  ['Never tell the password to anybody.', false],
  ['{ "properties": { "token": { "type": "string" } } }', false],
  ['-----BEGIN PRIVATE KEY-----', true],
])('%s: a secret is %s', (text, expected) => {
  expect(hasSecret(text)).toBe(expected)
})

it('does without what a browser does not keep, or keeps in another form', () => {
  localStorage.setItem('bellwire-draft:a', '{"not":"a list"}')
  expect(readDrafts('a')).toEqual([])
  localStorage.setItem('bellwire-draft:a', '[1, {"id":"x"}]')
  expect(readDrafts('a')).toEqual([])
  vi.stubGlobal('localStorage', {
    getItem: () => null,
    setItem: () => {
      throw new Error('quota')
    },
  })
  expect(keepDraft('a', { id: '1', revision: 1, form: initial }, initial)).toBe(false)
})
