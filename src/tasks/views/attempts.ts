import type { RunError } from '../../contract/task.ts'
import type { Transition } from './queries.ts'

export type Attempt = {
  attempt: number
  worker_id: number | null
  started_at: Date
  ended_at: Date | null
  outcome:
    | 'running'
    | 'succeeded'
    | 'failed'
    | 'retry'
    | 'paused'
    | 'handed_back'
    | 'joined'
    | 'worker_lost'
    | 'cancelled'
  error: RunError | null
  next_attempt_at: Date | null
}

/** The outcome of an attempt, by the reason of the transition that ended it. */
const OUTCOMES = new Map<string, Exclude<Attempt['outcome'], 'running'>>([
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['retry', 'retry'],
  ['approval_requested', 'paused'],
  ['callback_awaited', 'paused'],
  ['callback_received', 'paused'],
  ['handed_back', 'handed_back'],
  ['joined', 'joined'],
  ['worker_lost', 'worker_lost'],
  ['cancelled', 'cancelled'],
])

/** Derives the attempts of a task from its transitions: each starts with a claim and ends with the next transition. */
export function attemptsOf(transitions: Transition[]): Attempt[] {
  const attempts: Attempt[] = []
  for (const transition of transitions) {
    if (transition.reason === 'claimed') {
      attempts.push({
        attempt: transition.attempt,
        worker_id: transition.worker_id,
        started_at: transition.created_at,
        ended_at: null,
        outcome: 'running',
        error: null,
        next_attempt_at: null,
      })
      continue
    }
    const attempt = attempts.at(-1)
    const outcome = OUTCOMES.get(transition.reason)
    if (!attempt || attempt.outcome !== 'running' || !outcome) continue
    attempt.outcome = outcome
    attempt.ended_at = transition.created_at
    attempt.error = transition.error
    attempt.next_attempt_at = transition.due_at
  }
  return attempts
}
