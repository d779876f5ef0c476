import { describe, expect, it } from 'vitest'
import { clip, fitTurns } from './fitTurns.ts'

const turn = (n: number, length: number) => ({
  taskId: `t${n}`,
  message: `${n}`.padEnd(length / 2, 'm'),
  answer: 'a'.repeat(length / 2),
})

const ids = (turns: readonly { taskId: string }[]): string[] => turns.map(({ taskId }) => taskId)

describe('fitTurns', () => {
  it('leaves what fits as it is', () => {
    const all = [turn(0, 100), turn(1, 100)]
    expect(fitTurns(all, '', 200)).toEqual({ kept: all, pieces: [] })
    expect(fitTurns([], 'summary', 200)).toEqual({ kept: [], pieces: [] })
  })

  it('keeps the newest up to half of the limit, and summarises the others', () => {
    const { kept, pieces } = fitTurns(
      [0, 1, 2, 3, 4].map((n) => turn(n, 100)),
      '',
      400,
    )
    expect(ids(kept)).toEqual(['t3', 't4'])
    expect(pieces.map(ids)).toEqual([['t0', 't1', 't2']])
  })

  it('counts the summary', () => {
    expect(fitTurns([turn(0, 100), turn(1, 100)], 's'.repeat(60), 250).pieces).toHaveLength(1)
  })

  it('summarises much in several pieces, without losing a turn', () => {
    const many = Array.from({ length: 50 }, (_, n) => turn(n, 90))
    const { kept, pieces } = fitTurns(many, '', 400)
    expect(ids([...pieces.flat(), ...kept])).toEqual(ids(many))
    for (const piece of pieces) expect(piece.length * 90).toBeLessThanOrEqual(800)
  })

  it('keeps at least the newest turn, cut to half of the limit', () => {
    const { kept } = fitTurns([turn(0, 300), turn(1, 300), turn(2, 5_000)], '', 400)
    expect(ids(kept)).toEqual(['t2'])
    expect((kept[0]?.message.length ?? 0) + (kept[0]?.answer.length ?? 0)).toBeLessThanOrEqual(200)
    expect(kept[0]?.message).toMatch(/more characters\)$/)
  })
})

it('never cuts a character in two', () => {
  for (let max = 30; max < 40; max += 1) expect(clip('🦔'.repeat(100), max).isWellFormed()).toBe(true)
})
