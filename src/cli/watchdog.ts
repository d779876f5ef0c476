import { url as debuggerUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'

const BEAT_MS = 500
const LOOK_MS = 1_000

/** A process under load may be blocked for seconds and recover. */
const LEAST_SECONDS = 10

/**
 * Ends this process with SIGKILL when its event loop has been blocked for too long, for example by a tool's pattern
 * over a model's text. Nothing else could: no timer fires and no signal handler runs. By then the lease is lost, and
 * the tasks continue in another process.
 *
 * A separate thread checks, and counts checks without progress instead of time: a process that was frozen, or whose
 * machine slept, wakes up and continues.
 *
 * @param seconds how long, at least ten
 * @param line what is written to standard error before the process ends
 */
export function startWatchdog({ seconds, line }: { seconds: number; line: string }): { stop(): void } {
  // A debugger blocks the event loop as well.
  if (debuggerUrl() !== undefined) return { stop: () => {} }
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const beat = setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS)
  beat.unref()
  const thread = new Worker(LOOK, {
    eval: true,
    // Not inherited: these options may say how a script is to be read.
    execArgv: [],
    workerData: { beats, looks: Math.max(seconds, LEAST_SECONDS), everyMs: LOOK_MS, line },
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
  })
  // Without the watchdog the process works as before; it must not fail with it.
  thread.on('error', () => {})
  thread.unref()
  return {
    stop() {
      clearInterval(beat)
      void thread.terminate()
    },
  }
}

/** The code of the thread. As text, because it must work from the sources and from the published package alike. */
const LOOK = `
const { writeSync } = require('node:fs')
const { workerData } = require('node:worker_threads')
const { beats, looks, everyMs, line } = workerData
let seen = -1
let still = 0
setInterval(() => {
  const now = Atomics.load(beats, 0)
  still = now === seen ? still + 1 : 0
  seen = now
  if (still < looks) return
  try {
    writeSync(2, line + '\\n')
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}, everyMs)
`
