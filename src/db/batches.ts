import { errorKind } from './errorKind.ts'
import { retryOnConflict } from './retryOnConflict.ts'

/**
 * Collects items that arrive while earlier ones are in progress, and handles them together: under load many share one
 * transaction or query (a group commit); a single item is handled at once.
 */
export type Batches<Item, Result> = {
  /** Resolves with the item's own result once its batch is handled. */
  add(item: Item): Promise<Result>
  /** The same without a promise, for hot paths: calls one of the two callbacks. */
  put(item: Item, resolve: (result: Result) => void, reject: (error: unknown) => void): void
  /** Withdraws an item that is not in progress yet; false when it is, or was. Its callbacks are then never called. */
  withdraw(item: Item): boolean
  /** Resolves when nothing waits or is in progress. */
  idle(): Promise<void>
}

export type BatchOptions<Item, Result> = {
  /**
   * Handles a batch; returns one result per item, in the same order. If it throws a conflict, the batch is handled
   * again; if the database rejects its data, its halves are, until the bad item is alone and fails alone; any other
   * error fails every item.
   */
  handle(items: Item[]): Promise<Result[]>
  /** Bytes that an item adds to its batch; by default items are small. */
  sizeOf?(item: Item): number
  /** Maximum items in one batch. */
  maxItems?: number
  /** Maximum bytes in one batch; a larger item has a batch of its own. */
  maxBytes?: number
  /** Maximum batches in progress at the same time. */
  inFlight?: number
  /** A batch without an outcome after this many milliseconds fails, and makes room for others. */
  timeoutMs?: number
}

/** Larger groups gain nothing, and each blocks the event loop and the server while it is written and read. */
const MAX_BYTES = 4 * 1024 * 1024

/**
 * How long items wait for more to come while a batch is in progress. A further batch is worth its fixed cost (half a
 * millisecond of the server's CPU) once as many wait as are in progress.
 */
const GATHER_MS = 5

/** Longer than a query may take: a last resort, so that one lost response cannot block a process for good. */
const TIMEOUT_MS = 30_000

/** The outcome of a batch is unknown: it may have been written. */
export class BatchTimeout extends Error {
  readonly code = 'ETIMEDOUT'
}

export function createBatches<Item, Result>({
  handle,
  sizeOf = () => 0,
  maxItems = 256,
  maxBytes = MAX_BYTES,
  inFlight = 2,
  timeoutMs = TIMEOUT_MS,
}: BatchOptions<Item, Result>): Batches<Item, Result> {
  type Entry = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let waiting: Entry[] = []
  let active = 0
  /** Items in progress. */
  let busy = 0
  let scheduled = false
  let gathering: NodeJS.Timeout | undefined
  const onIdle: (() => void)[] = []

  function schedule(): void {
    if (scheduled || active >= inFlight || waiting.length === 0) return
    if (waiting.length < busy) {
      gathering ??= setTimeout(startNext, GATHER_MS)
      return
    }
    startNext()
  }

  function startNext(): void {
    clearTimeout(gathering)
    gathering = undefined
    if (scheduled) return
    scheduled = true
    // After the current turn of the event loop: requests that arrived together share a batch.
    setImmediate(() => {
      scheduled = false
      if (active >= inFlight || waiting.length === 0) return
      active += 1
      void run(takeBatch())
      schedule()
    })
  }

  function takeBatch(): Entry[] {
    let size = 0
    let count = 0
    for (const { item } of waiting) {
      size += sizeOf(item)
      if (count === maxItems || (count > 0 && size > maxBytes)) break
      count += 1
    }
    const batch = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return batch
  }

  /** Gives each entry its result. Never rejects. */
  async function settle(batch: Entry[]): Promise<void> {
    try {
      const results = await retryOnConflict(() => within(timeoutMs, handle(batch.map((entry) => entry.item))))
      if (results.length !== batch.length) throw new Error('a batch must give one result for each item')
      batch.forEach((entry, index) => entry.resolve(results[index] as Result))
    } catch (error) {
      if (batch.length > 1 && mayBeOneItem(error)) {
        const middle = Math.ceil(batch.length / 2)
        await settle(batch.slice(0, middle))
        await settle(batch.slice(middle))
      } else for (const entry of batch) entry.reject(error)
    }
  }

  async function run(batch: Entry[]): Promise<void> {
    busy += batch.length
    try {
      await settle(batch)
    } finally {
      active -= 1
      busy -= batch.length
      schedule()
      if (active === 0 && waiting.length === 0) for (const resolve of onIdle.splice(0)) resolve()
    }
  }

  function put(item: Item, resolve: Entry['resolve'], reject: Entry['reject']): void {
    waiting.push({ item, resolve, reject })
    schedule()
  }

  return {
    add: (item) => new Promise((resolve, reject) => put(item, resolve, reject)),
    put,
    withdraw(item) {
      const index = waiting.findIndex((entry) => entry.item === item)
      if (index >= 0) waiting.splice(index, 1)
      return index >= 0
    },
    idle: () =>
      new Promise((resolve) => {
        if (active === 0 && waiting.length === 0) resolve()
        else onIdle.push(resolve)
      }),
  }
}

/** Whether the values of single items may be the cause: without them, the others can be written. */
function mayBeOneItem(error: unknown): boolean {
  const kind = errorKind(error)
  return kind === 'data' || (kind === 'other' && !(error instanceof BatchTimeout))
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BatchTimeout('a batch did not complete in time')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
