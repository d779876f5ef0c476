import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mergeForms } from './mergeForms.ts'

it('takes what only the other side changed, and lists what both changed', () => {
  const base = { name: 'Bell', model: 'a', tools: ['x'], limit: '1', note: '' }
  const mine = { ...base, name: 'Gong', limit: '2', note: 'same' }
  const theirs = { ...base, model: 'b', limit: '3', note: 'same' }
  expect(mergeForms(base, mine, theirs)).toEqual({
    merged: { name: 'Gong', model: 'b', tools: ['x'], limit: '2', note: 'same' },
    taken: ['model'],
    conflicts: ['limit'],
  })
})

it('loses no change of either side', () => {
  const form = fc.record({ a: fc.nat(3), b: fc.nat(3), c: fc.nat(3) })
  fc.assert(
    fc.property(form, form, form, (base, mine, theirs) => {
      const { merged, taken, conflicts } = mergeForms(base, mine, theirs)
      for (const name of ['a', 'b', 'c'] as const) {
        if (conflicts.includes(name)) expect(merged[name]).toBe(mine[name])
        else if (taken.includes(name)) expect(merged[name]).toBe(theirs[name])
        else expect([mine[name], theirs[name]]).toContain(merged[name])
        if (mine[name] !== base[name]) expect(merged[name]).toBe(mine[name])
        else expect(merged[name]).toBe(theirs[name])
      }
    }),
  )
})
