import { appendFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// Loaded into a program before its own code (see loopBlocks.ts): notes how long its event loop was busy at a time.

const EVERY_MS = 5

/** Shorter ones are nothing to note. */
const LEAST_MS = 20

const file = process.env['LOOP_PROBE_FILE']

/**
 * Time on the processor, not on the clock: between two ticks are at least the work of one turn of the event loop and at
 * most a tick more, whatever else runs on the machine.
 */
function watch(path: string): void {
  let before = process.threadCpuUsage()
  setInterval(() => {
    const now = process.threadCpuUsage()
    const ms = (now.user - before.user + now.system - before.system) / 1000
    before = now
    if (ms >= LEAST_MS) appendFileSync(path, `${process.pid} ${ms.toFixed(1)}\n`)
  }, EVERY_MS).unref()
}

if (isMainThread && file !== undefined) watch(file)
