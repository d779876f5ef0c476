import type { FilterTryAnswer, TriedRequest } from '../../contract/filterTry.ts'
import { nanosFromUsd, usdFromNanos } from '../../contract/usd.ts'

/** Says what a filter would have spared, and what it would have cost. */
export function summarize(requests: readonly TriedRequest[]): FilterTryAnswer['summary'] {
  const evaluated = requests.filter(({ would_start }) => would_start !== null)
  const idle = evaluated.filter(({ effect }) => effect === 'no_calls' || effect === 'read')
  const idleSkipped = idle.filter(({ would_start }) => !would_start)
  const writing = evaluated.filter(({ effect }) => effect === 'write')
  const writingSkipped = writing.filter(({ would_start }) => !would_start)
  const missed = evaluated.filter(({ reason, would_start }) => reason !== null && would_start)
  return {
    text: wordsFor({ idle, idleSkipped, writing, writingSkipped, missed }),
    evaluated: evaluated.length,
    would_start: evaluated.filter(({ would_start }) => would_start).length,
    failed: evaluated.filter(({ error }) => error !== null).length,
    idle: totalOf(idle),
    idle_skipped: totalOf(idleSkipped),
    writing_skipped: totalOf(writingSkipped),
  }
}

type Groups = Record<'idle' | 'idleSkipped' | 'writing' | 'writingSkipped' | 'missed', TriedRequest[]>

function wordsFor({ idle, idleSkipped, writing, writingSkipped, missed }: Groups): string {
  if (idle.length + writing.length + missed.length === 0) return 'There are no runs to compare with yet.'
  const spared =
    idle.length === 0
      ? 'no runs that changed nothing, because there were none'
      : `${idleSkipped.length} of ${idle.length} ${runs(idle.length)} that changed nothing, ${dollars(idleSkipped)}`
  const lost =
    writingSkipped.length === 0
      ? 'none that wrote'
      : `${writingSkipped.length} of ${writing.length} that wrote`
  const more =
    missed.length === 0
      ? ''
      : ` It would have let in ${missed.length} ${missed.length === 1 ? 'request' : 'requests'} that the current filter skipped.`
  return `This filter would have skipped ${spared}, and ${lost}.${more}`
}

const runs = (count: number): string => (count === 1 ? 'run' : 'runs')

function totalOf(requests: readonly TriedRequest[]): { count: number; cost_usd: string } {
  return { count: requests.length, cost_usd: usdFromNanos(nanosOf(requests)) }
}

/** What is known of their cost. */
function nanosOf(requests: readonly TriedRequest[]): number {
  return requests.reduce((sum, { cost_usd }) => sum + nanosFromUsd(cost_usd ?? '0'), 0)
}

/** `$4.10`; small amounts with the digits that they need. */
function dollars(requests: readonly TriedRequest[]): string {
  const usd = nanosOf(requests) / 1e9
  return usd === 0 || usd >= 0.01 ? `$${usd.toFixed(2)}` : `$${usd.toPrecision(2)}`
}
