import type { Evidence } from './evidence.ts'
import type { TaskRecord } from './ledger.ts'
import type { Violation } from './violation.ts'

/** The time of a transition is when its transaction began. */
const TOLERANCE_MS = 100

/** The tasks of a conversation run one after the other, in the order in which they were accepted. */
export function judgeTurns({ ledger }: Evidence): Violation[] {
  const violations: Violation[] = []
  const conversations = Map.groupBy(ledger.tasks, ({ conversationId }) => conversationId)
  for (const [id, tasks] of conversations) {
    if (id === null) continue
    const turns = tasks.toSorted((a, b) => (a.turn ?? 0) - (b.turn ?? 0))
    for (const [index, task] of turns.entries()) {
      const before = turns[index - 1]
      if (!before) continue
      const [begun, ended] = [beginOf(task), endOf(before)]
      if (begun === undefined || (ended !== undefined && begun > ended - TOLERANCE_MS)) continue
      const detail = `task ${task.id} has begun before task ${before.id} had ended`
      violations.push({ rule: 'turns overlap', marker: task.marker, detail })
    }
  }
  return violations
}

function beginOf({ transitions }: TaskRecord): number | undefined {
  return transitions.find(({ reason }) => reason === 'claimed')?.at
}

function endOf({ transitions }: TaskRecord): number | undefined {
  return transitions.find(({ reason }) => ['succeeded', 'failed', 'cancelled'].includes(reason))?.at
}
