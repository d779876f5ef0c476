import { openDatabase } from '../src/db/database.ts'
import { purgeTasks } from '../src/upkeep/chores/purgeTasks.ts'
import { compare, type Compared, type Effort } from './compare.ts'
import { cpuOfFamilies } from './cpu.ts'
import { query } from './database.ts'
import { fillExpired } from './fill.ts'
import { sendLoad } from './load.ts'
import { startFront } from './program.ts'

const KEEP_DAYS = 90

/**
 * Durable accepts per second while old tasks are purged, divided by those without a purge; and tasks purged per second.
 */
export async function benchPurge(
  databaseUrl: string,
  postmaster: number,
  effort: Effort,
): Promise<Compared & { purgedPerSecond: number }> {
  await fillExpired(databaseUrl, { count: 100_000, days: KEEP_DAYS + 10 })
  const db = openDatabase(databaseUrl, { name: 'purge', onError: console.error })
  const front = await startFront(databaseUrl)
  const chore = purgeTasks(db, { days: KEEP_DAYS })
  let purged = 0
  let seconds = 0
  const load = { url: front.webhookUrl, connections: 64, body: '{"question":"x"}' }
  const cpu = { database: () => cpuOfFamilies([postmaster]) }

  async function purgeUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { items, more } = await chore.run(signal)
      purged += items
      if (!more && !signal.aborted) throw new Error('everything was purged before the end')
    }
  }

  try {
    const compared = await compare(
      {
        cpu,
        async send(duration) {
          const stop = new AbortController()
          const purging = purgeUntil(stop.signal)
          const sent = await sendLoad({ ...load, seconds: duration })
          stop.abort()
          await purging
          seconds += duration
          return sent
        },
      },
      { cpu, send: (duration) => sendLoad({ ...load, seconds: duration }) },
      effort,
    )
    if (purged === 0) throw new Error('nothing was purged')
    await query(databaseUrl, 'vacuum bellwire.tasks')
    return { ...compared, purgedPerSecond: purged / seconds }
  } finally {
    await front.stop()
    await db.close()
  }
}
