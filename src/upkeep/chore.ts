/** The result of one batch of a chore. */
export type Batch = {
  /** Rows deleted, tasks queued again and so on: counted in metrics. */
  items: number
  /** The batch was full: the next one follows immediately. */
  more: boolean
}

/** A recurring job that one process does for all. */
export type Chore = {
  /** In logs and as a label of metrics: `dedupe_keys`. */
  name: string
  /** Milliseconds from the end of one round of batches to the start of the next. */
  everyMs: number
  /**
   * Does one small batch: a few thousand rows at most, so that its locks are held briefly. Called again until a batch
   * is not full; never concurrently. The signal aborts when this process must stop doing chores; a batch that is a
   * single transaction can ignore it.
   */
  run(signal: AbortSignal): Promise<Batch>
}

/** The outcome of a batch limited to `limit` items: full if it reached the limit. */
export function batchOf(items: number, limit: number): Batch {
  return { items, more: items >= limit }
}
