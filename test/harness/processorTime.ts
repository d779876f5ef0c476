/**
 * Milliseconds of processor time that this thread has used. Unlike wall-clock time it does not depend on other load on
 * the machine.
 */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/**
 * Does some work, and measures the longest turn of the event loop meanwhile, in milliseconds of processor time: how long
 * the work delays everything else.
 */
export async function longestTurn<T>(work: () => T | Promise<T>): Promise<{ turn: number; result: T }> {
  let turn = 0
  let last = processorMs()
  const measure = (): void => {
    const now = processorMs()
    turn = Math.max(turn, now - last)
    last = now
  }
  const watch = setInterval(measure, 1)
  try {
    const result = await work()
    await new Promise(setImmediate)
    measure()
    return { turn, result }
  } finally {
    clearInterval(watch)
  }
}
