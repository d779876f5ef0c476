import type { Attempt, Step, TaskDetail } from '../../api/types.ts'

/** A model call with the tool calls that it asked for. */
export type Turn = { model: Step | undefined; tools: Step[] }

/** What a run did, in the order of its rows. */
export type RunRow =
  | { kind: 'step'; id: string; step: Step; depth: 0 | 1 }
  | { kind: 'attempt'; id: string; attempt: Attempt }
  | { kind: 'pause'; id: string; from: string; to: string | null; why: 'wait' | 'retry' | 'worker' }

/**
 * The rows of a run: model calls with their tool calls inside, each later attempt where it began, and pauses between
 * attempts. Steps that were carried over from an earlier run come first.
 */
export function runRows({ steps, attempts }: Pick<TaskDetail, 'steps' | 'attempts'>): RunRow[] {
  const rows: RunRow[] = []
  const turns = turnsOf(steps)
  const later = attempts.slice(1)
  let told = 0
  const tellAttempts = (until: string | undefined): void => {
    while (told < later.length) {
      const attempt = later[told]
      const before = attempts[told]
      if (!attempt || (until !== undefined && attempt.started_at > until)) return
      if (before?.ended_at) {
        rows.push({
          kind: 'pause',
          id: `pause ${attempt.attempt}`,
          from: before.ended_at,
          to: attempt.started_at,
          why: whyPaused(before),
        })
      }
      rows.push({ kind: 'attempt', id: `attempt ${attempt.attempt}`, attempt })
      told += 1
    }
  }
  for (const { model, tools } of turns) {
    for (const [step, depth] of [
      ...(model ? ([[model, 0]] as const) : []),
      ...tools.map((tool) => [tool, 1] as const),
    ]) {
      if (step.attempt > 0) tellAttempts(step.started_at)
      rows.push({ kind: 'step', id: step.key, step, depth })
    }
  }
  tellAttempts(undefined)
  const last = attempts.at(-1)
  if (last?.outcome === 'paused' && last.ended_at !== null) {
    rows.push({ kind: 'pause', id: 'pause now', from: last.ended_at, to: null, why: 'wait' })
  }
  return rows
}

function whyPaused({ outcome }: Attempt): 'wait' | 'retry' | 'worker' {
  if (outcome === 'paused') return 'wait'
  return outcome === 'retry' || outcome === 'failed' ? 'retry' : 'worker'
}

/** Model calls with their tool calls. A model call that was repeated is a turn of its own. */
export function turnsOf(steps: readonly Step[]): Turn[] {
  const turns: Turn[] = []
  for (const step of steps) {
    const last = turns.at(-1)
    if (step.kind === 'model') turns.push({ model: step, tools: [] })
    else if (last && (last.model?.step ?? last.tools[0]?.step) === step.step) last.tools.push(step)
    else turns.push({ model: undefined, tools: [step] })
  }
  return turns
}
