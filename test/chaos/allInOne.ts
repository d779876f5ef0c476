import { rm } from 'node:fs/promises'
import { startProgram } from '../harness/program.ts'
import { waitFor } from '../harness/waitFor.ts'
import { embeddedUrl, endServer, postmasterPid } from './postmaster.ts'
import { openAgain, signal, siteEnvironment, type Site, type SiteOptions, type Strike } from './site.ts'

/** `bellwire serve`: front process, worker and embedded database, as a new user runs it. */
export async function startAllInOne(options: SiteOptions): Promise<Site> {
  const program = await startProgram({ env: siteEnvironment(options) })
  const { url, dataDir } = program

  const workerPid = (): Promise<number> =>
    waitFor(() => program.workerPid(), { deadlineMs: 30_000, what: 'a worker process' })

  /** Kills the given processes at the same moment, and starts the program again if its front process was among them. */
  async function kill(kind: Strike['kind'], { front, worker, database }: Victims): Promise<Strike> {
    // A worker does not outlive the database by much, because it has lost its session.
    const workers = worker || database ? [await workerPid()] : []
    const pids = [
      ...(worker ? workers : []),
      ...(database ? [await postmasterPid(dataDir)] : []),
      ...(front ? [program.pid()] : []),
    ]
    const strike: Strike = { site: 'all-in-one', kind, at: Date.now(), workers }
    for (const pid of pids) signal(pid, 'SIGKILL')
    if (front) {
      await program.stop() // waits for the end that has already begun
      const [readyAt] = await Promise.all([openAgain(url), program.start()])
      return { ...strike, readyAt }
    }
    return database ? { ...strike, readyAt: await openAgain(url) } : strike
  }

  async function terminate(): Promise<Strike> {
    const strike: Strike = { site: 'all-in-one', kind: 'terminate', at: Date.now(), workers: [] }
    const code = await program.stop()
    const [readyAt] = await Promise.all([openAgain(url), program.start()])
    const fault = code === 0 ? {} : { fault: `SIGTERM ended the program with code ${code}` }
    return { ...strike, readyAt, ...fault }
  }

  return {
    name: 'all-in-one',
    kinds: { worker: 3, front: 2, program: 3, database: 3, machine: 2, terminate: 1 },
    url,
    adminKey: program.adminKey,
    databaseUrl: () => embeddedUrl(dataDir),

    strike(kind) {
      if (kind === 'terminate') return terminate()
      const victims = VICTIMS[kind]
      if (!victims) throw new Error(`all in one cannot be hit with "${kind}"`)
      return kill(kind, victims)
    },

    logged: () => program.logged().slice(-20_000),

    async remove() {
      await program.stop()
      await endServer(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

type Victims = { front?: true; worker?: true; database?: true }

const VICTIMS: Partial<Record<Strike['kind'], Victims>> = {
  worker: { worker: true },
  front: { front: true },
  program: { front: true, worker: true },
  database: { database: true },
  machine: { front: true, worker: true, database: true },
}
