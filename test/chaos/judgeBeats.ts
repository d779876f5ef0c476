import type { Evidence } from './evidence.ts'
import { BEAT_EVERY_MS } from './plan.ts'
import type { Violation } from './violation.ts'

/** How late a beat may be while there is no strike. */
const LATE_MS = 5_000

/** How long after a strike beats are not checked. */
const RECOVERY_MS = 20_000

/**
 * No beat starts two tasks. Each runs at its time or, after downtime, the latest of those missed; and beats are missed
 * only after a strike.
 */
export function judgeBeats({ ledger, strikes }: Evidence): Violation[] {
  const violations: Violation[] = []
  const beats = ledger.tasks
    .flatMap(({ beat, createdAt, marker }) => (beat === null ? [] : [{ beat, createdAt, marker }]))
    .toSorted((a, b) => a.beat - b.beat)
  for (const [index, { beat, createdAt, marker }] of beats.entries()) {
    const found = (rule: Violation['rule'], detail: string): void =>
      void violations.push({ rule, marker, detail })
    const before = beats[index - 1]
    if (before?.beat === beat) found('beat twice', new Date(beat).toISOString())
    // The database has the same clock as this machine; a transaction begins shortly before its time is taken.
    if (createdAt < beat) found('beat wrong', `${beat - createdAt} ms before its time`)
    if (createdAt >= beat + BEAT_EVERY_MS) found('beat wrong', 'a later one was due')
    if (!before) continue
    const due =
      before.beat + BEAT_EVERY_MS * (1 + Math.floor((before.createdAt - before.beat) / BEAT_EVERY_MS))
    const isHit = strikes.some(({ at, readyAt = at }) => at < createdAt && readyAt + RECOVERY_MS > due)
    if (createdAt > due + LATE_MS && !isHit)
      found('beat lost', `${createdAt - due} ms late, with nothing down`)
  }
  return violations
}
