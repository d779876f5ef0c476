import { WAITED } from '../../approvals/waited.ts'
import { binOf } from './durations.ts'

export type Outcome = 'succeeded' | 'failed' | 'cancelled' | 'unfinished'

/** SQL of what became of `tasks t`. */
export const OUTCOME = `case t.state when 'SUCCESS' then 'succeeded' when 'FAILURE' then 'failed'
  when 'CANCELLED' then 'cancelled' else 'unfinished' end`

/** SQL of the bin of its duration; null unless it has succeeded. */
export const BIN = `case when t.state = 'SUCCESS'
  then ${binOf(`extract(epoch from t.finished_at - t.started_at) * 1000 - (${WAITED})`)} end`

/**
 * By how much the time in the id of a task and the time of its row may differ: ids are made by the clocks of front
 * doors, the time of the row is the database's.
 */
export const ID_MARGIN_MS = 10 * 60_000
