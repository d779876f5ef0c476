/** What was promised, and was not kept. */
export type Rule =
  /** An acknowledged task is not in the database. */
  | 'task lost'
  /** A task has not ended, or as it should not. */
  | 'wrong end'
  /** A task has more than one end, or went on after it. */
  | 'settled twice'
  /** One key, or one trigger, made more than one task. */
  | 'accepted twice'
  /** A call was made again although its row was in the journal, or more often than attempts could make it. */
  | 'call repeated'
  /** A tool that cannot take it was called twice for one call of the model. */
  | 'write repeated'
  /** A repeated call came with another idempotency key, or another call with the same. */
  | 'wrong idempotency key'
  /** Something was built on an answer of the model that the journal does not hold. */
  | 'journal contradicted'
  /** The journal lacks a row, or holds one for a call that was never made. */
  | 'journal wrong'
  /** The numbers of a task's attempts have a gap, or one came twice. */
  | 'attempts wrong'
  /** The end of a task has not reached the receiver of its callback. */
  | 'callback lost'
  /** A callback came again with another id. */
  | 'callback twice'
  /** A callback was not signed, came with another body or for another end, or should not have come. */
  | 'callback wrong'
  /** A call of a URL that a task has waited for was acknowledged, and did not reach it. */
  | 'call lost'
  /** Two tasks of a conversation ran at the same time, or in another order than they came. */
  | 'turns overlap'
  /** A beat of a schedule started two tasks. */
  | 'beat twice'
  /** Beats were missed although nothing was down. */
  | 'beat lost'
  /** A beat ran before its time, or although a later one was due. */
  | 'beat wrong'
  /** A job is left in the queue although every task has ended. */
  | 'job left over'
  /** The work did not go on after a kill, or did not come to its end. */
  | 'stuck'
  /** A process did not end as it should. */
  | 'bad stop'

export type Violation = { rule: Rule; marker?: string; detail: string }
