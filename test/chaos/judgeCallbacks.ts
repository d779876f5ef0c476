import type { Evidence } from './evidence.ts'
import type { TaskRecord } from './ledger.ts'
import type { Violation } from './violation.ts'

const TYPES: Readonly<Record<string, string>> = {
  SUCCESS: 'task.succeeded',
  FAILURE: 'task.failed',
  CANCELLED: 'task.cancelled',
}

/**
 * The end of every task that has a callback has reached its receiver, with a valid signature; repeats had the same id
 * and the same body.
 */
export function judgeCallbacks({ ledger, callbacks }: Evidence): Violation[] {
  const violations: Violation[] = []
  const byTask = Map.groupBy(callbacks, ({ taskId }) => taskId)
  for (const task of [...ledger.tasks, ...ledger.replays]) {
    const found = (rule: Violation['rule'], detail: string): void =>
      void violations.push({ rule, marker: task.marker, detail: `task ${task.id}: ${detail}` })
    const received = byTask.get(task.id) ?? []
    byTask.delete(task.id)
    if (!expectsCallback(task)) {
      if (received.length > 0) found('callback wrong', `${received.length} callbacks, although it has none`)
      continue
    }
    if (!received.some(({ isTaken }) => isTaken)) found('callback lost', `of ${task.state}`)
    const ids = new Set(received.map(({ id }) => id))
    if (ids.size > 1) found('callback twice', `${ids.size} ids: ${[...ids].join()}`)
    if (new Set(received.map(({ body }) => body)).size > 1) found('callback wrong', 'two bodies')
    if (received.some(({ isSigned }) => !isSigned)) found('callback wrong', 'not signed')
    if (received.some(({ type }) => type !== TYPES[task.state])) {
      found('callback wrong', `${received.map(({ type }) => type).join()} for ${task.state}`)
    }
  }
  for (const [taskId, { length }] of byTask) {
    violations.push({ rule: 'callback wrong', detail: `${length} for the unknown task ${taskId}` })
  }
  return violations
}

function expectsCallback({ hasCallback, state }: TaskRecord): boolean {
  return hasCallback && state in TYPES
}
