/** Things that were started, to be stopped in the reverse order. */
export type StopStack = {
  add(stop: () => Promise<void>): void
  /** Stops all of them, also when some fail; then throws the first failure. Twice is safe. */
  stopAll(): Promise<void>
}

export function createStopStack(): StopStack {
  const stops: (() => Promise<void>)[] = []
  let stopping: Promise<void> | undefined

  async function stopAll(): Promise<void> {
    const failures: unknown[] = []
    for (const stop of stops.toReversed()) await stop().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  return {
    add: (stop) => stops.push(stop),
    stopAll: () => (stopping ??= stopAll()),
  }
}
