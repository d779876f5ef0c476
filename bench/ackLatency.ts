import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Effort } from './compare.ts'
import type { ConstantRate } from './constantRate.ts'
import { sendLoad } from './load.ts'
import { median } from './processes.ts'
import { startFront } from './program.ts'

const BODY = JSON.stringify({ event: 'order.created', id: 'ord_1024', amount: 4200, currency: 'EUR' })
const CONNECTIONS = 64

const run = promisify(execFile)

/** Acknowledgement latency at half of the rate that a front door reaches at full load: medians of the rounds. */
export async function benchAckLatency(
  databaseUrl: string,
  { rounds, seconds }: Effort,
): Promise<{ maxPerSecond: number; perSecond: number; p50Ms: number; p99Ms: number }> {
  const front = await startFront(databaseUrl)
  const url = front.webhookUrl
  try {
    await sendLoad({ url, connections: CONNECTIONS, seconds: 2, body: BODY })
    const found: { max: number; p50Ms: number; p99Ms: number }[] = []
    for (let round = 0; round < rounds; round += 1) {
      const { perSecond: max } = await sendLoad({ url, connections: CONNECTIONS, seconds, body: BODY })
      found.push({ max, ...(await atRate({ url, perSecond: Math.round(max / 2), seconds })) })
    }
    const maxPerSecond = median(found.map(({ max }) => max))
    return {
      maxPerSecond,
      perSecond: maxPerSecond / 2,
      p50Ms: median(found.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(found.map(({ p99Ms }) => p99Ms)),
    }
  } finally {
    await front.stop()
  }
}

async function atRate(
  options: Pick<ConstantRate, 'url' | 'perSecond' | 'seconds'>,
): Promise<{ p50Ms: number; p99Ms: number }> {
  const load: ConstantRate = { ...options, connections: CONNECTIONS, body: BODY }
  const file = fileURLToPath(new URL('constantRate.ts', import.meta.url))
  const { stdout } = await run(process.execPath, [file, JSON.stringify(load)])
  const { p50Ms, p99Ms, failed }: { p50Ms: number; p99Ms: number; failed: number } = JSON.parse(stdout)
  if (failed > 0) throw new Error(`${failed} requests did not succeed`)
  return { p50Ms, p99Ms }
}
