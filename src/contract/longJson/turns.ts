/** Bytes that are processed in one turn of the event loop: a few milliseconds of work for the slowest conversions. */
export const SLICE_BYTES = 64 * 1024

const waiting: (() => void)[] = []

/**
 * Resolves in a later turn of the event loop. At most one caller continues in each turn, in the order of their calls:
 * many large bodies at the same time delay other requests no more than one does.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(grant)
  })
}

function grant(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(grant)
}
