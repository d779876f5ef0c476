import type { RunError, RunResult } from '../../contract/task.ts'
import type { PublicResult, PublicState } from '../../contract/trigger.ts'
import type { TaskStatus } from './statuses.ts'

/** The status of a task for callers that know four states: see the contract of GET /api/task_status. */
export function publicStatus(task: Pick<TaskStatus, 'state' | 'result' | 'error'>): {
  status: PublicState
  result: PublicResult
} {
  switch (task.state) {
    case 'SUCCESS':
      return { status: 'SUCCESS', result: task.result ?? EMPTY }
    case 'FAILURE':
    case 'CANCELLED':
      return { status: 'FAILURE', result: { error: task.error ?? UNKNOWN } }
    case 'PENDING':
      return { status: 'PENDING', result: null }
    default:
      return { status: 'STARTED', result: null }
  }
}

const EMPTY: RunResult = { answer: '', sources: [], tool_calls: [], thought: '' }
const UNKNOWN: RunError = { code: 'run_failed', message: 'The run failed.' }
