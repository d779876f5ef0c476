import { appendFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// Preloaded into a program (see loopBlocks.ts): records how long each turn of its event loop was busy.

const EVERY_MS = 5

/** Shorter turns are not recorded. */
const LEAST_MS = 20

const file = process.env['LOOP_PROBE_FILE']

/**
 * Processor time, not wall-clock time: between two ticks there is at least the work of one turn of the event loop and
 * at most a tick more, whatever else runs on the machine.
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
