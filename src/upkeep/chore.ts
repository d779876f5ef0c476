/** What one batch of a chore did. */
export type Batch = {
  /** Rows that were deleted, tasks that were queued again, and the like: counted in metrics. */
  items: number
  /** The batch was full: the next one follows at once. */
  more: boolean
}

/** Recurring work that one process does for all. */
export type Chore = {
  /** In logs and as a label of metrics: `dedupe_keys`. */
  name: string
  /** Milliseconds from the end of one round of batches to the start of the next. */
  everyMs: number
  /**
   * Does one small batch: some thousand rows at most, so that nobody waits long for its locks. Called again until
   * a batch is not full; never twice at once. The signal aborts when this process has to stop doing chores; a batch
   * that is one transaction need not look at it.
   */
  run(signal: AbortSignal): Promise<Batch>
}

/** The outcome of a batch that handles at most `limit` items: full when it has handled as many. */
export function batchOf(items: number, limit: number): Batch {
  return { items, more: items >= limit }
}
