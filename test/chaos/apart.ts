import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { openDatabase } from '../../src/db/database.ts'
import { startEmbedded } from '../../src/db/embedded/start.ts'
import { cutWrites } from '../harness/databaseFaults.ts'
import { startDatabaseProxy } from '../harness/databaseProxy.ts'
import { freePort } from '../harness/program.ts'
import { waitFor } from '../harness/waitFor.ts'
import { readWorkers, type WorkerRecord } from './ledger.ts'
import { endServer, postmasterPid } from './postmaster.ts'
import type { Random } from './random.ts'
import {
  LEASE_SECONDS,
  openAgain,
  signal,
  siteEnvironment,
  type Site,
  type SiteOptions,
  type Strike,
} from './site.ts'
import { createTail, supervise, type Supervised } from './supervised.ts'

const ADMIN_KEY = 'bw_admin_for_one_run_of_chaos'
const WORKERS = 2
const STANDING_MS = 3_500
const FRESH_MS = 1_500
const MOST_CUTS = 8

/**
 * `bellwire api` and two `bellwire worker` on one DATABASE_URL, each restarted when it exits. The workers behave as if
 * each were on its own machine, and a proxy sits between all of them and the database.
 */
export async function startApart(options: SiteOptions): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bellwire-chaos-'))
  const server = await startEmbedded({ dataDir, log: pino({ level: 'silent' }) })
  const db = openDatabase(server.url, { name: 'chaos', max: 2, onError: () => undefined })
  const proxy = await startDatabaseProxy(server.url)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const tail = createTail()
  const env: Record<string, string> = {
    ...siteEnvironment(options),
    PORT: String(port),
    DATABASE_URL: proxy.url,
    BELLWIRE_SECRET_KEY: 'a-secret-key-for-one-run-of-chaos',
    BELLWIRE_ADMIN_KEY: ADMIN_KEY,
    BELLWIRE_LOG_FORMAT: 'json',
  }
  let pause = 200
  const start = (command: string, more: Record<string, string> = {}): Supervised =>
    supervise({ command, env: { ...env, ...more }, pauseMs: () => pause, onLog: tail.add })
  const front = start('api')
  const nodeOptions = `${env['NODE_OPTIONS'] ?? ''} --import=${import.meta.resolve('./elsewhere.ts')}`.trim()
  const workers = Array.from({ length: WORKERS }, () => start('worker', { NODE_OPTIONS: nodeOptions }))

  let removing: Promise<void> | undefined
  const remove = (): Promise<void> =>
    (removing ??= (async () => {
      await Promise.all([front, ...workers].map((one) => one.stop()))
      await proxy.stop()
      await db.close()
      await server.stop()
      await endServer(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    })())

  /** Waits until every worker has been up for a while: one that has just started does not take anything over yet. */
  async function allStand(): Promise<void> {
    const stands = async (pid: number | undefined): Promise<boolean> => {
      const record = pid === undefined ? undefined : await recordOf(pid)
      if (!record) return false
      // A worker that has just lost its session with the database still exists, but does not count.
      return record.startedAt < Date.now() - STANDING_MS && record.heartbeatAt > Date.now() - FRESH_MS
    }
    await waitFor(async () => (await Promise.all(workers.map((one) => stands(one.pid())))).every(Boolean), {
      deadlineMs: 30_000,
      everyMs: 100,
      what: 'two workers that stand',
    })
  }

  /**
   * One of the workers that are up. One that is still starting has no work to lose, and does not handle signals yet.
   */
  async function chooseWorker(random: Random): Promise<{ worker: Supervised; pid: number }> {
    return waitFor(
      async () => {
        const worker = workers[Math.floor(random.between(0, WORKERS))]
        const pid = worker?.pid()
        return worker && pid !== undefined && (await recordOf(pid)) ? { worker, pid } : undefined
      },
      { deadlineMs: 30_000, what: 'a worker process' },
    )
  }

  async function recordOf(pid: number): Promise<WorkerRecord | undefined> {
    return (await readWorkers(db.pool)).findLast((one) => one.pid === pid)
  }

  async function kill(kind: Strike['kind'], random: Random): Promise<Strike> {
    if (kind === 'worker') await allStand()
    // A supervisor that restarts slowly: meanwhile the other worker is alone.
    pause = random.between(200, 1_500)
    const everyWorker = kind === 'workers' || kind === 'program' || kind === 'machine'
    const hit = kind === 'worker' ? [await chooseWorker(random)].map((one) => one.worker) : []
    if (everyWorker) hit.push(...workers)
    const withFront = kind === 'front' || kind === 'program' || kind === 'machine'
    const withDatabase = kind === 'database' || kind === 'machine'
    const server = withDatabase ? await postmasterPid(dataDir) : undefined
    // A worker does not outlive the database by much, because it has lost its session.
    const pids = (withDatabase ? workers : hit).map((one) => one.pid()).filter((pid) => pid !== undefined)

    const strike: Strike = { site: 'apart', kind, at: Date.now(), workers: pids }
    if (server !== undefined) signal(server, 'SIGKILL')
    await Promise.all([...hit, ...(withFront ? [front] : [])].map((one) => one.end('SIGKILL')))
    return withFront || withDatabase ? { ...strike, readyAt: await openAgain(url) } : strike
  }

  /** Stops a worker until the others have declared it dead and taken over its tasks, or a little longer. */
  async function freeze(random: Random): Promise<Strike> {
    const { worker, pid } = await chooseWorker(random)
    const strike: Strike = { site: 'apart', kind: 'freeze', at: Date.now(), workers: [pid] }
    signal(pid, 'SIGSTOP')
    try {
      await waitFor(async () => (await recordOf(pid))?.endedAt != null, {
        deadlineMs: (LEASE_SECONDS + 45) * 1000,
        everyMs: 50,
      })
      await delay(random.between(0, 1_500))
    } catch {
      strike.fault = 'the tasks of a frozen worker were not taken over'
    } finally {
      strike.wokenAt = Date.now()
      signal(pid, 'SIGCONT')
    }
    if (!(await worker.ended(10_000))) strike.fault ??= 'a worker that has lost its lease goes on'
    return strike
  }

  /** Drops the responses to some of the writes, whichever process sent them. */
  async function cut(random: Random): Promise<Strike> {
    const strike: Strike = { site: 'apart', kind: 'cut', at: Date.now(), workers: [] }
    const until = proxy.cuts() + Math.ceil(random.between(0, MOST_CUTS))
    const percent = random.between(5, 50)
    proxy.inject(cutWrites(percent, { seed: `${random.between(0, 1)}` }))
    try {
      await waitFor(() => proxy.cuts() >= until, { deadlineMs: 30_000, everyMs: 5 })
    } catch {
      strike.fault = 'nothing was written any more while connections were cut'
    } finally {
      proxy.inject(undefined)
    }
    return strike
  }

  async function terminate(random: Random): Promise<Strike> {
    const { worker } = await chooseWorker(random)
    const strike: Strike = { site: 'apart', kind: 'terminate', at: Date.now(), workers: [] }
    const code = await worker.end('SIGTERM')
    return code === 0 ? strike : { ...strike, fault: `SIGTERM ended a worker with code ${code}` }
  }

  await openAgain(url).catch(async (error: unknown) => {
    await remove()
    throw new Error(`the processes did not start:\n${tail.text()}`, { cause: error })
  })
  return {
    name: 'apart',
    kinds: { worker: 6, workers: 1, front: 2, database: 2, machine: 1, freeze: 2, terminate: 1, cut: 3 },
    url,
    adminKey: ADMIN_KEY,
    databaseUrl: () => Promise.resolve(server.url),
    strike(kind, random) {
      if (kind === 'freeze') return freeze(random)
      if (kind === 'cut') return cut(random)
      return kind === 'terminate' ? terminate(random) : kill(kind, random)
    },
    logged: tail.text,
    remove,
  }
}
