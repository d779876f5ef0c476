/** A promise that was broken. */
export type Rule =
  /** An acknowledged task is not in the database. */
  | 'task lost'
  /** A task has not ended, or not as it should have. */
  | 'wrong end'
  /** A task has more than one end, or continued after it. */
  | 'settled twice'
  /** One key, or one trigger, created more than one task. */
  | 'accepted twice'
  /** A call was made again although its row was in the journal, or more often than attempts could make it. */
  | 'call repeated'
  /** A tool that must not be repeated was called twice for one call of the model. */
  | 'write repeated'
  /** A repeated call had another idempotency key, or another call had the same one. */
  | 'wrong idempotency key'
  /** Something was built on a model answer that is not in the journal. */
  | 'journal contradicted'
  /** A row is missing in the journal, or one is there for a call that was never made. */
  | 'journal wrong'
  /** The numbers of a task's attempts have a gap, or one appears twice. */
  | 'attempts wrong'
  /** The end of a task has not reached the receiver of its callback. */
  | 'callback lost'
  /** A repeated callback had another id. */
  | 'callback twice'
  /** A callback was not signed, had another body or another end, or should not have been sent. */
  | 'callback wrong'
  /** An acknowledged call to a URL that a task waited for did not reach the task. */
  | 'call lost'
  /** Two tasks of a conversation ran at the same time, or out of order. */
  | 'turns overlap'
  /** A beat of a schedule started two tasks. */
  | 'beat twice'
  /** Beats were missed although nothing was down. */
  | 'beat lost'
  /** A beat ran early, or although a later one was due. */
  | 'beat wrong'
  /** A job is left in the queue although every task has ended. */
  | 'job left over'
  /** Work did not continue after a kill, or did not end. */
  | 'stuck'
  /** A process did not exit as it should. */
  | 'bad stop'

export type Violation = { rule: Rule; marker?: string; detail: string }
