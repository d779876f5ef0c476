import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  advance,
  comparePlaces,
  comparePlacesFrom,
  decodePosition,
  encodePosition,
  hasSeen,
  isAfter,
  parseSnapshot,
  unite,
  type Place,
  type Position,
  type Snapshot,
} from './position.ts'

const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`

/** Some history: transactions that begin in the order of their numbers, each with rows, and commit in any order. */
const history = fc
  .array(fc.record({ rows: fc.integer({ min: 0, max: 3 }), commitsAt: fc.integer({ min: 0, max: 40 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((all) => all.map((one, index) => ({ ...one, xid: BigInt(index + 1), beginsAt: index })))

type Transaction = { rows: number; commitsAt: number; xid: bigint; beginsAt: number }

const endOf = ({ beginsAt, commitsAt }: Transaction): number => Math.max(beginsAt, commitsAt)

function snapshotAt(all: readonly Transaction[], time: number): Snapshot {
  const begun = all.filter(({ beginsAt }) => beginsAt <= time)
  return {
    next: BigInt(begun.length + 1),
    open: begun.filter((one) => endOf(one) > time).map(({ xid }) => xid),
  }
}

const rowsAt = (all: readonly Transaction[], time: number): Place[] =>
  all
    .filter((one) => one.beginsAt <= time && endOf(one) <= time)
    .flatMap(({ xid, rows }) => Array.from({ length: rows }, (_, n) => ({ xid, kind: n % 2, id: id(n), n })))
    .toSorted(comparePlaces)

describe('a position', () => {
  it('gives a reader every row once, wherever it stops and goes on, and however late they commit', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 60, maxLength: 60 }),
        (all, pages) => {
          const seen: Place[] = []
          let position: Position = { next: 1n, open: [] }
          for (let time = 0; time <= 41; time += 1) {
            const now = snapshotAt(all, time)
            const start = position
            const fresh = rowsAt(all, time)
              .filter((place) => isAfter(place, start))
              .toSorted((a, b) => comparePlacesFrom(start, a, b))
            const page = fresh.slice(0, pages[time] ?? 1)
            for (const [index, place] of page.entries()) {
              const before = position
              position = advance(position, now, place, fresh[index + 1]?.xid !== place.xid)
              expect(hasSeen(position, before)).toBe(true)
              // As the client sends it back.
              const read = decodePosition(encodePosition(position))
              expect(read).toEqual(position)
              if (read) position = read
            }
            if (page.length === fresh.length) position = now
            seen.push(...page)
          }
          const rest = rowsAt(all, 99).filter((place) => isAfter(place, position))
          expect([...seen, ...rest].toSorted(comparePlaces)).toEqual(rowsAt(all, 99))
        },
      ),
    )
  })

  it('of a reader who is ahead of the others is never behind what it has received', () => {
    const time = fc.integer({ min: 0, max: 41 })
    fc.assert(
      fc.property(history, time, time, time, (all, one, two, three) => {
        const [start = 0, ahead = 0, end = 0] = [one, two, three].toSorted((a, b) => a - b)
        const seen = snapshotAt(all, ahead)
        const received = rowsAt(all, ahead)
        let others: Position = snapshotAt(all, start)
        const fresh = rowsAt(all, end).filter((place) => isAfter(place, snapshotAt(all, start)))
        for (const [index, place] of fresh.entries()) {
          others = advance(others, snapshotAt(all, end), place, fresh[index + 1]?.xid !== place.xid)
          if (!isAfter(place, seen)) continue
          received.push(place)
          const position = unite(seen, others)
          expect(decodePosition(encodePosition(position))).toEqual(position)
          const behind = rowsAt(all, end).filter((row) => !isAfter(row, position))
          expect(behind).toEqual(received.toSorted(comparePlaces))
        }
      }),
    )
  })

  it('is read from a snapshot of PostgreSQL', () => {
    expect(parseSnapshot('734:739:734,736')).toEqual({ next: 739n, open: [734n, 736n] })
    expect(parseSnapshot('739:739:')).toEqual({ next: 739n, open: [] })
  })

  it('has seen what a smaller one has seen, and not the other way round', () => {
    const early = { next: 739n, open: [734n, 736n] }
    const late = { next: 745n, open: [736n, 741n] }
    expect(hasSeen(late, early)).toBe(true)
    expect(hasSeen(early, late)).toBe(false)
    expect(hasSeen(early, early)).toBe(true)
  })

  it('is refused when it is none', () => {
    for (const text of ['', '7 ', 'ä', '12-3', '1_2', '1'.repeat(40), '5.', 'A']) {
      expect(decodePosition(text), text).toBeUndefined()
    }
  })
})
