import type { Attempt } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { between, duration } from '../../lib/time.ts'
import classes from './Attempts.module.css'

const OUTCOMES: Record<Attempt['outcome'], string> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  retry: 'Failed, retried',
  handed_back: 'Requeued on worker shutdown',
  joined: 'Continued: a request joined the task',
  worker_lost: 'Worker lost',
  paused: 'Paused to wait',
  cancelled: 'Cancelled',
}

/** The attempts to run the task, with their outcomes. */
export function Attempts({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length === 0) return <p className={classes.none}>Not picked up by a worker yet.</p>
  return (
    <ol className={classes.list}>
      {attempts.map((attempt, index) => (
        <li key={attempt.attempt} data-outcome={attempt.outcome}>
          <p>
            {OUTCOMES[attempt.outcome]}
            {attempt.ended_at !== null && (
              <span> after {duration(between(attempt.started_at, attempt.ended_at))}</span>
            )}
          </p>
          <p className={classes.small}>
            <RelativeTime at={attempt.started_at} />
            {attempt.worker_id !== null && `, worker ${attempt.worker_id}`}
          </p>
          {attempt.error && <p className={classes.small}>{attempt.error.message}</p>}
          {attempt.next_attempt_at !== null && index === attempts.length - 1 && (
            <p className={classes.small}>
              Next try: <RelativeTime at={attempt.next_attempt_at} />
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}
