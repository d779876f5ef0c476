/**
 * How many times each byte of a run counts: it is in memory as received, as text, as values, and in the request to the
 * model.
 */
const COPIES = 4

/** How many runs may start before one that has waited longer. */
const MAX_OVERTAKING = 100

/** What arrives during one tool call. */
export type ArrivingBytes = {
  /**
   * Waits for room for more bytes; until then no more should be read.
   *
   * @param signal ends the wait; its reason is thrown
   */
  take(bytes: number, signal: AbortSignal): Promise<void>
  /** The call is over. Can be called twice. */
  release(): void
}

/** The memory of one run. */
export type RunHold = {
  /** Adds bytes that the run keeps until its end. Never waits: they are in memory already. */
  keep(bytes: number): void
  receive(): ArrivingBytes
  /** The run is over. Can be called twice. */
  release(): void
}

/** The memory shared by all runs of a process. */
export type RunMemory = {
  /**
   * Waits until there is room for a run that starts with so many bytes.
   *
   * @param signal ends the wait; its reason is thrown
   */
  open(bytes: number, signal: AbortSignal): Promise<RunHold>
  /** Bytes held now. */
  used(): number
  /** Runs and tool results that wait for room. */
  waiting(): number
  /** Admits waiting runs and tool results that fit. Call it when there is more room. */
  wake(): void
}

type Run = { bytes: number; isOver: boolean }

type Waiter = {
  run: Run
  bytes: number
  overtaken: number
  /** Whether the call that it belongs to has ended in the meantime, so that it no longer needs room. */
  isOver: () => boolean
  enter: () => void
}

/**
 * Shares a number of bytes among runs. A run starts when its input fits, and reading a tool result pauses until it
 * fits. Deadlocks are impossible: the oldest run never waits, and a run that waits to start holds nothing. Only the
 * oldest run can exceed the limit.
 *
 * @param free bytes that runs may hold at present
 */
export function createRunMemory({ free }: { free: () => number }): RunMemory {
  /** Oldest first. */
  const runs = new Set<Run>()
  const starting = new Set<Waiter>()
  const arriving = new Set<Waiter>()
  let total = 0

  function add(run: Run, bytes: number): void {
    if (run.isOver) return
    run.bytes += bytes
    total += bytes
  }

  function isOldest(run: Run): boolean {
    const [oldest] = runs
    return oldest === undefined || oldest === run
  }

  function enterIfFits(queue: Set<Waiter>, waiter: Waiter): boolean {
    const { run, bytes, enter } = waiter
    if (!run.isOver && !waiter.isOver() && !isOldest(run) && total + bytes > free()) return false
    queue.delete(waiter)
    if (!run.isOver) runs.add(run)
    add(run, bytes)
    enter()
    return true
  }

  /** Runs in progress come first: only their end makes room. */
  function wake(): void {
    for (const waiter of arriving) enterIfFits(arriving, waiter)
    if (arriving.size > 0) return
    let first: Waiter | undefined
    for (const waiter of starting) {
      if (first && first.overtaken >= MAX_OVERTAKING) return
      if (!enterIfFits(starting, waiter)) first ??= waiter
      else if (first) first.overtaken += 1
    }
  }

  function enter(
    queue: Set<Waiter>,
    run: Run,
    bytes: number,
    signal: AbortSignal,
    isOver = (): boolean => false,
  ): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = { run, bytes, overtaken: 0, isOver, enter: resolve }
    const onAbort = (): void => {
      queue.delete(waiter)
      reject(signal.reason)
      wake()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    queue.add(waiter)
    wake()
    return promise.finally(() => signal.removeEventListener('abort', onAbort))
  }

  function receive(run: Run): ArrivingBytes {
    let taken = 0
    let isOver = false
    return {
      async take(bytes, signal) {
        if (isOver) return
        await enter(arriving, run, bytes * COPIES, signal, () => isOver)
        if (isOver) giveBack(run, bytes * COPIES)
        else taken += bytes * COPIES
      },
      release() {
        if (isOver) return
        isOver = true
        giveBack(run, taken)
      },
    }
  }

  function giveBack(run: Run, bytes: number): void {
    add(run, -bytes)
    wake()
  }

  return {
    async open(bytes, signal) {
      const run: Run = { bytes: 0, isOver: false }
      await enter(starting, run, bytes * COPIES, signal)
      return {
        keep: (more) => add(run, more * COPIES),
        receive: () => receive(run),
        release() {
          if (run.isOver) return
          run.isOver = true
          runs.delete(run)
          total -= run.bytes
          wake()
        },
      }
    },
    used: () => total,
    waiting: () => starting.size + arriving.size,
    wake,
  }
}
