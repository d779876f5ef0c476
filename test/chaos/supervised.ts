import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { MAIN } from '../harness/program.ts'
import { signal } from './site.ts'

/** One process of the program that is restarted whenever it exits, as an init system would. */
export type Supervised = {
  /** Undefined while it is down. */
  pid(): number | undefined
  /** Sends a signal and waits for the process that received it to exit; returns its exit code, null after a kill. */
  end(name: NodeJS.Signals): Promise<number | null>
  /** Resolves when the current process, if any, has exited, or after this many milliseconds; returns whether it has. */
  ended(withinMs: number): Promise<boolean>
  /** Stops it without restarting it. */
  stop(): Promise<void>
}

const KEPT = 20_000

/** @param pauseMs how long it stays down, called each time */
export function supervise({
  command,
  env,
  pauseMs,
  onLog,
}: {
  command: string
  env: Readonly<Record<string, string>>
  pauseMs: () => number
  onLog: (text: string) => void
}): Supervised {
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  const loop = keepRunning()

  async function keepRunning(): Promise<void> {
    while (!stopping.signal.aborted) {
      const started = spawn(process.execPath, [MAIN, command], {
        env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      child = started
      started.stderr.on('data', (chunk: Buffer) => onLog(chunk.toString()))
      await once(started, 'exit')
      child = undefined
      await delay(pauseMs(), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  async function end(name: NodeJS.Signals): Promise<number | null> {
    const hit = child
    if (hit?.pid === undefined || hit.signalCode !== null) return null
    if (hit.exitCode !== null) return hit.exitCode
    const ended = once(hit, 'exit')
    signal(hit.pid, name)
    await ended
    return hit.exitCode
  }

  return {
    pid: () => child?.pid,
    end,

    async ended(withinMs) {
      const running = child
      if (!running || running.exitCode !== null || running.signalCode !== null) return true
      const late = delay(withinMs, 'late', { ref: false })
      return (await Promise.race([once(running, 'exit'), late])) !== 'late'
    },

    async stop() {
      stopping.abort()
      const patience = setTimeout(() => child?.kill('SIGKILL'), 15_000)
      await end('SIGTERM')
      clearTimeout(patience)
      await loop
    },
  }
}

/** Keeps the last lines that several processes write. */
export function createTail(): { add(text: string): void; text(): string } {
  let kept = ''
  return {
    add: (text) => (kept = (kept + text).slice(-KEPT)),
    text: () => kept,
  }
}
