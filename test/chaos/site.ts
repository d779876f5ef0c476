import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from './random.ts'

/** A way to run the program: all in one, or in separate processes that share a database. */
export type SiteName = 'all-in-one' | 'apart'

/**
 * What is done to the processes of a site:
 *
 * - `worker`, `workers`: SIGKILL to one worker, while another one is running if there is one, or to all of them
 * - `front`: SIGKILL to the process that answers HTTP
 * - `program`: SIGKILL to everything but the database, at the same time
 * - `database`: SIGKILL to the postmaster
 * - `machine`: SIGKILL to everything, at the same time
 * - `freeze`: SIGSTOP to a worker until others have its tasks, then SIGCONT
 * - `terminate`: SIGTERM to the program, or to one worker
 * - `cut`: connections to the database break after some of the writes, before the response
 */
export type StrikeKind =
  'worker' | 'workers' | 'front' | 'program' | 'database' | 'machine' | 'freeze' | 'terminate' | 'cut'

export type Strike = {
  site: SiteName
  kind: StrikeKind
  /** When the signal was sent, in epoch milliseconds. */
  at: number
  /** Process ids of the workers that it hit. */
  workers: number[]
  /** When the front door was open again, if it was closed. */
  readyAt?: number
  /** When a frozen worker resumed. */
  wokenAt?: number
  /** Promises that were broken. */
  fault?: string
  /** The next strike came without waiting for this one's effects to pass. */
  hasty?: boolean
}

/** Running processes that can be hit and come up again. */
export type Site = {
  name: SiteName
  /** The kinds of strikes, and how often each is used. */
  kinds: Readonly<Partial<Record<StrikeKind, number>>>
  url: string
  adminKey: string
  databaseUrl(): Promise<string>
  /** Hits it once, and resolves when what was hit is up again, or coming up. */
  strike(kind: StrikeKind, random: Random): Promise<Strike>
  /** The latest log lines of its processes. */
  logged(): string
  /** Stops everything and removes its data. Safe in any state, and twice. */
  remove(): Promise<void>
}

export type SiteOptions = {
  /** Settings for every process. */
  env: Readonly<Record<string, string>>
}

export const LEASE_SECONDS = 2
export const GRACE_SECONDS = 1

/** Settings that both sites share. */
export function siteEnvironment({ env }: SiteOptions): Record<string, string> {
  return {
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    BELLWIRE_WORKER_CONCURRENCY: '20',
    BELLWIRE_WORKER_LEASE_SECONDS: String(LEASE_SECONDS),
    BELLWIRE_SHUTDOWN_GRACE_SECONDS: String(GRACE_SECONDS),
    BELLWIRE_LOG_LEVEL: 'warn',
    ...env,
  }
}

/** Waits until the front door is open; returns the time. */
export async function openAgain(url: string): Promise<number> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.status === 200) return Date.now()
    await delay(20)
  }
  throw new Error('the front door did not open again')
}

/** Sends a signal to a process; false if it is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
