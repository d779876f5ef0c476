import type { RunError } from '../../contract/task.ts'
import { BellwireError, isErrorCode } from '../../errors.ts'

/** The error for a caller that waited for a run that failed: 502 with the run's own code. */
export function runProblem(taskId: string, error: RunError | null): BellwireError {
  const code = error && isErrorCode(error.code) ? error.code : 'run_failed'
  return new BellwireError(code, error?.message, { status: 502, extensions: { task_id: taskId } })
}
