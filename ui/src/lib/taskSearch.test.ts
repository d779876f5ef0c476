import { describe, expect, it } from 'vitest'
import { isSameSearch, readTaskSearch, taskParameters } from './taskSearch.ts'

describe('the URL of a list of tasks', () => {
  it('is parsed, and anything invalid is left out', () => {
    expect(
      readTaskSearch({
        state: 'FAILURE',
        agent: 'a',
        error: 'provider_auth',
        q: 4711,
        range: '7d',
        since: 'nonsense',
        seconds: '2.5',
        cost: -1,
        group: 'error',
        other: true,
      }),
    ).toEqual({
      state: 'FAILURE',
      agent: 'a',
      error: 'provider_auth',
      q: '4711',
      range: '7d',
      seconds: 2.5,
      group: 'error',
    })
    expect(readTaskSearch({ state: 'DONE', range: 'toString', q: '', cost: 'x' })).toEqual({})
  })

  it('becomes API parameters', () => {
    const now = Date.parse('2026-03-02T12:00:00Z')
    expect(taskParameters({ state: 'FAILURE' }, now)).toMatchObject({
      state: 'FAILURE',
      since: '2026-03-01T12:00:00.000Z',
      until: undefined,
    })
    expect(taskParameters({ range: 'all' }, now).since).toBe('1970-01-01')
    expect(taskParameters({ range: '1h', until: '2026-03-01T00:00:00Z' }, now)).toMatchObject({
      since: undefined,
      until: '2026-03-01T00:00:00.000Z',
    })
  })

  it('is the same whatever the order of its fields', () => {
    expect(isSameSearch({ state: 'FAILURE', q: 'x' }, { q: 'x', state: 'FAILURE' })).toBe(true)
    expect(isSameSearch({ state: 'FAILURE' }, { state: 'WAITING' })).toBe(false)
  })
})
