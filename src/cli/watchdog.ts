import { url as debuggerUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'

const BEAT_MS = 500
const LOOK_MS = 1_000

/** A process under load may stand still for seconds and go on. */
const LEAST_SECONDS = 10

/**
 * Ends this process with SIGKILL when its event loop has stood still for so long: something keeps its only thread
 * busy for good, such as a pattern of a tool over a text of a model. Nothing else could: no timer fires any more,
 * no signal is heard. The lease is lost by then, and the tasks go on in another process.
 *
 * A thread of its own looks, and counts how often nothing has moved, not the time: a process that was frozen, or
 * whose machine slept, wakes up and goes on.
 *
 * @param seconds how long, ten at least
 * @param line what is written to standard error before the end
 */
export function startWatchdog({ seconds, line }: { seconds: number; line: string }): { stop(): void } {
  // Whoever looks at it through a debugger makes it stand still.
  if (debuggerUrl() !== undefined) return { stop: () => {} }
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const beat = setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS)
  beat.unref()
  const thread = new Worker(LOOK, {
    eval: true,
    // Not ours: they may say how a script is to be read.
    execArgv: [],
    workerData: { beats, looks: Math.max(seconds, LEAST_SECONDS), everyMs: LOOK_MS, line },
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
  })
  // Without it the process is as it was; it must not fall with its guard.
  thread.on('error', () => {})
  thread.unref()
  return {
    stop() {
      clearInterval(beat)
      void thread.terminate()
    },
  }
}

/** What the thread runs. As text, for it has to be found from the sources and from the published package alike. */
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
