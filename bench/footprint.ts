import { readFile } from 'node:fs/promises'
import { startModelServer } from '../test/harness/modelServer.ts'
import { startProgram } from '../test/harness/program.ts'
import { waitFor } from '../test/harness/waitFor.ts'
import { sendLoad } from './load.ts'

/** Megabytes used by the front door and the worker while runs wait for the model. */
export async function benchMemory(waiting: number): Promise<{ front: number; worker: number }> {
  const model = await startModelServer(() => ({ kind: 'hang' }))
  const program = await startProgram({
    env: {
      LOCAL_MODEL_BASE_URL: model.url,
      // A tenth is reserved for interactive calls and a tenth for other agents.
      BELLWIRE_WORKER_CONCURRENCY: String(waiting * 1.25),
      BELLWIRE_SHUTDOWN_GRACE_SECONDS: '0',
      BELLWIRE_LOG_LEVEL: 'warn',
    },
  })
  try {
    await sendLoad({ url: program.demoUrl, connections: 20, requests: waiting, body: '{"question":"x"}' })
    await waitFor(() => model.requests.length >= waiting, {
      deadlineMs: 60_000,
      what: 'runs that wait for the model',
    })
    return {
      front: await residentMegabytes(program.pid()),
      worker: await residentMegabytes(await program.workerPid()),
    }
  } finally {
    await program.remove()
    await model.stop()
  }
}

/** Megabytes of resident memory of a process. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

/** Seconds from the command to the banner, with an existing data directory. */
export async function benchSecondStart(): Promise<number> {
  const program = await startProgram()
  try {
    const times: number[] = []
    for (let round = 0; round < 5; round += 1) {
      await program.stop()
      const started = performance.now()
      await program.start()
      times.push((performance.now() - started) / 1000)
    }
    return times.toSorted((a, b) => a - b)[2] ?? Number.NaN
  } finally {
    await program.remove()
  }
}
