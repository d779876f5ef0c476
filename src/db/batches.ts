/**
 * Collects items that arrive while earlier ones are under way, and handles them together: under load many share
 * one transaction or one query (a group commit), alone an item is handled at once.
 */
export type Batches<Item, Result> = {
  /** Resolves with the item's own result once its batch is handled. */
  add(item: Item): Promise<Result>
  /** Takes an item back that is not under way yet; false when it is, or was. Its promise then never settles. */
  withdraw(item: Item): boolean
  /** Resolves when nothing waits or is under way. */
  idle(): Promise<void>
}

export type BatchOptions<Item, Result> = {
  /** Handles a batch; gives one result for each item, in the same order. When it throws, every item of the batch fails. */
  handle(items: Item[]): Promise<Result[]>
  /** Whether an error is the fault of single items: the batch is then handled again one by one, and only they fail. */
  isOfOne?(error: unknown): boolean
  /** Items in one batch at most. */
  maxItems: number
  /** Batches under way at the same time. */
  inFlight: number
}

export function createBatches<Item, Result>(options: BatchOptions<Item, Result>): Batches<Item, Result> {
  type Entry = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let waiting: Entry[] = []
  let active = 0
  let scheduled = false
  const onIdle: (() => void)[] = []

  function schedule(): void {
    if (scheduled || active >= options.inFlight || waiting.length === 0) return
    scheduled = true
    // After the present turn of the event loop: requests that arrived together go together.
    setImmediate(() => {
      scheduled = false
      if (active >= options.inFlight || waiting.length === 0) return
      const batch = waiting.slice(0, options.maxItems)
      waiting = waiting.slice(options.maxItems)
      active += 1
      void handle(batch)
      schedule()
    })
  }

  /** Gives each entry what became of it. Never rejects. */
  async function settle(batch: Entry[]): Promise<void> {
    try {
      const results = await options.handle(batch.map((entry) => entry.item))
      if (results.length !== batch.length) throw new Error('a batch must give one result for each item')
      batch.forEach((entry, index) => entry.resolve(results[index] as Result))
    } catch (error) {
      if (batch.length > 1 && options.isOfOne?.(error)) for (const entry of batch) await settle([entry])
      else for (const entry of batch) entry.reject(error)
    }
  }

  async function handle(batch: Entry[]): Promise<void> {
    try {
      await settle(batch)
    } finally {
      active -= 1
      schedule()
      if (active === 0 && waiting.length === 0) for (const resolve of onIdle.splice(0)) resolve()
    }
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        schedule()
      }),
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
