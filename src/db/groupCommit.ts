/**
 * Collects items that arrive while earlier ones are being written, and writes them together: under load
 * many share one transaction, alone an item is written at once.
 */
export type GroupCommit<Item, Result> = {
  /** Resolves with the item's own result once its group is written. */
  add(item: Item): Promise<Result>
  /** Resolves when nothing waits or is being written. */
  idle(): Promise<void>
}

export type GroupCommitOptions<Item, Result> = {
  /** Writes a group; gives one result for each item, in the same order. When it throws, every item of the group fails. */
  write(items: Item[]): Promise<Result[]>
  /** Items in one group at most. */
  maxItems: number
  /** Groups under way at the same time. */
  inFlight: number
}

export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
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
      const group = waiting.slice(0, options.maxItems)
      waiting = waiting.slice(options.maxItems)
      active += 1
      void write(group)
      schedule()
    })
  }

  async function write(group: Entry[]): Promise<void> {
    try {
      const results = await options.write(group.map((entry) => entry.item))
      if (results.length !== group.length) throw new Error('a group must give one result for each item')
      group.forEach((entry, index) => entry.resolve(results[index] as Result))
    } catch (error) {
      for (const entry of group) entry.reject(error)
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
    idle: () =>
      new Promise((resolve) => {
        if (active === 0 && waiting.length === 0) resolve()
        else onIdle.push(resolve)
      }),
  }
}
