import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROBE = new URL('./loopProbe.ts', import.meta.url)

/**
 * Measures the event loop of a program: how long one turn of it used the processor. That is how long a request delays
 * others, and unlike wall-clock time it does not depend on other load on the machine.
 */
export function createLoopBlocks(): {
  /** For the environment of the program. */
  env: Record<string, string>
  /** The longest turn of a process since the last call, in milliseconds; 0 if none was long. */
  longest(pid: number): Promise<number>
} {
  const file = join(tmpdir(), `bellwire-loop-${process.pid}-${Date.now()}`)
  let read = 0
  return {
    env: { NODE_OPTIONS: `--import ${PROBE.href}`, LOOP_PROBE_FILE: file },
    async longest(pid) {
      const text = await readFile(file, 'utf8').catch(() => '')
      const turns = text
        .slice(read)
        .split('\n')
        .map((line) => line.split(' ').map(Number))
        .flatMap(([by, ms]) => (by === pid && ms !== undefined ? [ms] : []))
      read = text.length
      return Math.max(0, ...turns)
    },
  }
}
