import type { Evidence } from './evidence.ts'
import type { StepRecord } from './ledger.ts'
import type { Violation } from './violation.ts'

/**
 * Every acknowledged replay exists, once for each task; it began with the whole journal of the task that it continues,
 * and repeated no call.
 */
export function judgeReplays({ ledger, replayRequests }: Evidence): Violation[] {
  const violations: Violation[] = []
  const byId = new Map([...ledger.tasks, ...ledger.replays].map((task) => [task.id, task]))
  for (const { key, taskIds } of replayRequests) {
    for (const id of taskIds) {
      if (!byId.has(id))
        violations.push({ rule: 'task lost', detail: `replay ${id} was acknowledged for ${key}` })
    }
  }
  for (const [of, replays] of Map.groupBy(ledger.replays, ({ replayOf }) => replayOf)) {
    if (replays.length > 1)
      violations.push({ rule: 'accepted twice', detail: `${replays.length} replays of ${of}` })
  }
  for (const replay of ledger.replays) {
    const found = (rule: Violation['rule'], detail: string): void =>
      void violations.push({ rule, marker: replay.marker, detail: `replay ${replay.id}: ${detail}` })
    const original = byId.get(replay.replayOf ?? '')
    if (!original) {
      found('task lost', `its original ${replay.replayOf} is missing`)
      continue
    }
    const rows = new Set(replay.steps.filter(({ attempt }) => attempt === 0).map(nameOf))
    if (original.steps.some((step) => !rows.has(nameOf(step))))
      found('journal contradicted', 'not the same journal')
    const again = replay.steps.filter(({ attempt }) => attempt > 0)
    if (again.length > 0) found('call repeated', again.map(nameOf).join())
  }
  return violations
}

function nameOf({ kind, name, step, part, nonce }: StepRecord): string {
  return [kind, name, step, part, nonce].join(' ')
}
