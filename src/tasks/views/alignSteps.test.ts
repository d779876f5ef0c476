import { describe, expect, it } from 'vitest'
import { alignSteps, type Alignable } from './alignSteps.ts'

/** `m`: a model call; `x`: a failed one; a letter with arguments: a tool call, such as `a1`. */
function steps(text: string): (Alignable & { text: string })[] {
  return text
    .split(' ')
    .filter((one) => one !== '')
    .map((one) => ({
      text: one,
      kind: one === 'm' || one === 'x' ? 'model' : 'tool',
      name: one.slice(0, 1),
      failedCall: one === 'x',
      args: one.slice(1),
    }))
}

const show = (left: string, right: string): string =>
  alignSteps(steps(left), steps(right))
    .map(([one, other]) => `${one?.text ?? '-'}/${other?.text ?? '-'}`)
    .join(' ')

describe('the alignment of steps', () => {
  it.each([
    ['m a1 m', 'm a1 m', 'm/m a1/a1 m/m'],
    ['m a1 m', 'm m', 'm/m a1/- m/m'],
    ['m a1 a2 m', 'm a2 m', 'm/m a1/- a2/a2 m/m'],
    ['m a1 m', 'm a3 m', 'm/m a1/a3 m/m'],
    ['m a1', 'm b1', 'm/m a1/- -/b1'],
    ['x', 'm', 'x/- -/m'],
    ['', 'm a1', '-/m -/a1'],
    ['', '', ''],
  ])('of %j and %j', (left, right, expected) => {
    expect(show(left, right)).toBe(expected)
  })

  it('pairs thousands by their place', () => {
    const many = steps('m '.repeat(3_000))
    const pairs = alignSteps(many, many.slice(1))
    expect(pairs).toHaveLength(3_000)
    expect(pairs.at(-1)).toEqual([many.at(-1), undefined])
  })
})
