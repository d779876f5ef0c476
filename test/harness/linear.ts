import { expect } from 'vitest'

/** Characters of the longest text. */
const LONGEST = 1_048_576

/** A linear algorithm needs some milliseconds for the longest text. */
const MAX_MS = 1_000

/**
 * Expects that work on a text takes time in proportion to its length. The texts become longer up to 1 MB, so an
 * algorithm that is not linear fails early. Measures processor time, which does not depend on other load.
 *
 * @param textOf makes a text of about as many characters
 */
export async function expectLinear(
  textOf: (length: number) => string,
  work: (text: string) => unknown,
): Promise<void> {
  for (let length = 4_096; length <= LONGEST; length *= 2) {
    const text = textOf(length)
    const before = process.threadCpuUsage()
    await work(text)
    const { user, system } = process.threadCpuUsage(before)
    expect((user + system) / 1_000, `milliseconds for ${length} characters`).toBeLessThan(MAX_MS)
  }
}
