import { execFile, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export type LoadOptions = {
  url: string
  connections: number
  /** Duration, or number of requests. */
  seconds?: number
  requests?: number
  /** Maximum rate. */
  perSecond?: number
  method?: 'GET' | 'POST'
  body?: string
  /** Every request gets its own Idempotency-Key. */
  newKeys?: boolean
  /** A file of requests that are sent in turns, instead of `body` (see requestFile.ts). */
  requestFile?: string
}

/** The outcome: responses with 200, and all others. */
export type Load = { ok: number; perSecond: number; p99Ms: number; failed: number }

const run = promisify(execFile)
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const hasWrk = spawnSync('wrk', ['--version']).error === undefined

/** The load generator for requests at full speed: wrk, written in C, if it is installed. */
export const GENERATOR = hasWrk ? 'wrk' : 'autocannon'

/**
 * Sends load from a separate process. A fixed number of requests, or a rate, needs autocannon: wrk supports neither.
 */
export async function sendLoad(options: LoadOptions): Promise<Load> {
  const { url, connections, seconds, requests, perSecond } = options
  if (!hasWrk || requests !== undefined || perSecond !== undefined || seconds === undefined) {
    const { stdout } = await run(process.execPath, [file('autocannon.ts'), JSON.stringify(options)])
    return JSON.parse(stdout)
  }
  const limits = `--threads 1 --connections ${connections} --duration ${seconds}s --timeout 10s`
  const keys = options.newKeys ? `${randomUUID()}-` : ''
  const forScript = ['--', options.method ?? 'POST', options.body ?? '', keys, options.requestFile ?? '']
  const { stdout } = await run('wrk', [...limits.split(' '), '--script', file('wrk.lua'), url, ...forScript])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}
