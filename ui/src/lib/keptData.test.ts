import { beforeEach, expect, it, vi } from 'vitest'
import { hasDrafts, keepDraft, readDrafts } from './formDrafts.ts'
import { forgetOnSignOut, keepDataFor } from './keptData.ts'
import { readViews, saveView } from './savedViews.ts'
import { keepTrail, readTrail } from './taskTrail.ts'

function createStorage(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size
    },
  }
}

let local: Storage

beforeEach(() => {
  local = createStorage()
  vi.stubGlobal('localStorage', local)
  vi.stubGlobal('sessionStorage', createStorage())
  return () => vi.unstubAllGlobals()
})

const typeSomething = (text = 'typed') =>
  keepDraft('agent', { id: '1', revision: 1, form: { name: text } }, { name: '' })

/** What a person leaves behind in a browser. */
function leaveTraces(): void {
  expect(typeSomething()).toBe(true)
  keepTrail({ search: {}, ids: ['a', 'b'] }, 'a')
  saveView({ name: 'Mine', search: {} })
  local.setItem('bellwire-scheme', 'dark')
}

const traces = () => ({
  drafts: readDrafts('agent').length,
  trail: readTrail('a') !== undefined,
  views: readViews().length,
  scheme: local.getItem('bellwire-scheme'),
})

it('keeps everything while the same person comes back, also after the session has ended by itself', () => {
  keepDataFor('ada')
  leaveTraces()
  keepDataFor('ada')
  expect(traces()).toEqual({ drafts: 1, trail: true, views: 1, scheme: 'dark' })
})

it('forgets what was typed when somebody signs out', () => {
  keepDataFor('ada')
  leaveTraces()
  expect(hasDrafts()).toBe(true)
  forgetOnSignOut()
  expect(hasDrafts()).toBe(false)
  expect(traces()).toEqual({ drafts: 0, trail: false, views: 1, scheme: 'dark' })
  keepDataFor('ada')
  expect(readViews()).toHaveLength(1)
})

it.each([
  ['signed out', true],
  ['is gone without signing out', false],
])('forgets everything of a person who %s when another one signs in', (_what, signsOut) => {
  keepDataFor('ada')
  leaveTraces()
  if (signsOut) forgetOnSignOut()
  keepDataFor('grace')
  expect(traces()).toEqual({ drafts: 0, trail: false, views: 0, scheme: 'dark' })
})

it('forgets what an earlier version kept, as it may be of anybody', () => {
  local.setItem('bellwire-draft:agent', '[]')
  keepDataFor('ada')
  expect(local.getItem('bellwire-draft:agent')).toBeNull()
})

it('keeps nothing that a form of another tab still holds after signing out there', async () => {
  keepDataFor('ada')
  vi.resetModules()
  const other = await import('./keptData.ts')
  other.keepDataFor('ada')
  other.forgetOnSignOut()
  expect(typeSomething('in the first tab')).toBe(false)
  other.keepDataFor('grace')
  expect(typeSomething('in the first tab')).toBe(false)
  expect(local.getItem('bellwire-draft:agent')).toBeNull()
})
