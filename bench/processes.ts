import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { profileOf } from './profile.ts'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** As `npm start` runs the program: without it, the young generation grows while load is sent. */
const NODE_OPTIONS = ['--max-semi-space-size=8']

/** Starts a script that prints one line of JSON when it is ready. */
export async function startProcess(
  script: string,
  env: Record<string, string> = {},
): Promise<{ ready: Record<string, string>; child: ChildProcess; stop(): Promise<void> }> {
  const profile = profileOf(script)
  const child = spawn(process.execPath, [...NODE_OPTIONS, ...profile.options, file(script)], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${script} ended before it was ready`))),
  ])
  return {
    ready: JSON.parse(String(line)),
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await profile.print()
    },
  }
}

/** The median. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
