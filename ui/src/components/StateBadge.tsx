import type { TaskState } from '../api/types.ts'
import classes from './StateBadge.module.css'

const NAMES: Record<TaskState, string> = {
  PENDING: 'Pending',
  STARTED: 'Started',
  WAITING: 'Waiting',
  SUCCESS: 'Success',
  FAILURE: 'Failure',
  CANCELLED: 'Cancelled',
}

/** The state of a task, as a word with a colour. */
export function StateBadge({ state }: { state: TaskState }) {
  return (
    <span className={classes.badge} data-state={state}>
      <span className={classes.dot} aria-hidden="true" />
      {NAMES[state]}
    </span>
  )
}

export const STATE_NAMES = NAMES
