import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export type Load = { ok: number; perSecond: number; p99Ms: number; failed: number }

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Starts a script that prints one line of JSON when it is ready. */
export async function startProcess(
  script: string,
  env: Record<string, string> = {},
): Promise<{ ready: Record<string, string>; child: ChildProcess; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [file(script)], {
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
    },
  }
}

/** Sends load from a process of its own: for so many seconds, or so many requests. */
export async function load(options: {
  url: string
  connections: number
  seconds?: number
  requests?: number
  method?: 'GET' | 'POST'
  body?: string
}): Promise<Load> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    file('load.ts'),
    JSON.stringify({
      url: options.url,
      connections: options.connections,
      ...(options.requests === undefined ? { duration: options.seconds } : { amount: options.requests }),
      method: options.method ?? 'POST',
      ...(options.body === undefined
        ? {}
        : { body: options.body, headers: { 'content-type': 'application/json' } }),
    }),
  ])
  return JSON.parse(stdout)
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
