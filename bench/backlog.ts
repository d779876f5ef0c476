import { embeddedUrl } from '../test/chaos/postmaster.ts'
import { startProgram } from '../test/harness/program.ts'
import { sendLoad } from './load.ts'
import { residentMegabytes } from './footprint.ts'
import { allRun } from './runs.ts'
import { setTimeout as delay } from 'node:timers/promises'

/** Runs before the first measurement, so that all code is loaded. */
const WARM_UP = 1_000
const SETTLE_MS = 5_000

/** Megabytes that the worker uses before a backlog of this many tasks, right after it, and later. */
export async function benchBacklog({
  tasks,
  laterSeconds,
}: {
  tasks: number
  laterSeconds: number
}): Promise<{ before: number; after: number; later: number }> {
  const program = await startProgram({ env: { BELLWIRE_LOG_LEVEL: 'warn' } })
  try {
    const url = await embeddedUrl(program.dataDir)
    const send = async (requests: number): Promise<void> => {
      const load = { url: program.demoUrl, connections: 64, body: '{"question":"x"}' }
      const { failed } = await sendLoad({ ...load, requests })
      if (failed > 0) throw new Error(`${failed} requests did not succeed`)
      await allRun(url)
    }
    const worker = async (): Promise<number> => residentMegabytes(await program.workerPid())
    await send(WARM_UP)
    await delay(SETTLE_MS)
    const before = await worker()
    await send(tasks)
    const after = await worker()
    await delay(laterSeconds * 1000)
    return { before, after, later: await worker() }
  } finally {
    await program.remove()
  }
}
