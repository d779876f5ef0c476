import pg from 'pg'
import { sendLoad } from './load.ts'
import { startBenchWorker, startFront } from './program.ts'
import { allRun, runsPerSecond } from './runs.ts'

const PER_SECOND = 500

/**
 * Runs per second after the given number of seconds at 500 tasks per second. With `held`, a transaction opened
 * beforehand stays open, so no row deleted since then can be removed.
 *
 * @returns also how many seconds the worker was behind when the last of the 500 arrived
 */
export async function benchHorizon(
  databaseUrl: string,
  { seconds, held }: { seconds: number; held: boolean },
): Promise<{ perSecond: number; behind: number }> {
  const front = await startFront(databaseUrl)
  const old = new pg.Client({ connectionString: databaseUrl })
  await old.connect()
  try {
    if (held) await old.query('begin isolation level repeatable read; select 1')
    const worker = await startBenchWorker(databaseUrl, { BELLWIRE_WORKER_CONCURRENCY: '50' })
    try {
      const load = { url: front.webhookUrl, connections: 20, body: '{"question":"x"}' }
      await sendLoad({ ...load, seconds, perSecond: PER_SECOND })
      const sent = performance.now()
      await allRun(databaseUrl)
      const behind = (performance.now() - sent) / 1000
      await worker.stop()
      return { perSecond: await runsPerSecond(databaseUrl, front.webhookUrl), behind }
    } finally {
      await worker.stop()
    }
  } finally {
    await old.end()
    await front.stop()
  }
}
