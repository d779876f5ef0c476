import { freePort } from '../test/harness/program.ts'
import { load, median, startProcess } from './processes.ts'

const BODY = JSON.stringify({ event: 'order.created', id: 'ord_1024', amount: 4200, currency: 'EUR' })

/**
 * Durable accepts per second over a bare echo's, with runs held back. The two take turns, so that a change of
 * the machine's speed hits both; the ratio is the median over the rounds.
 */
export async function benchAccept(
  databaseUrl: string,
  { connections, rounds = 3, seconds = 5 }: { connections: number; rounds?: number; seconds?: number },
): Promise<{ accepts: number; echoes: number; ratio: number; p99Ms: number }> {
  const echo = await startProcess('echoServer.ts')
  const api = await startProcess('apiServer.ts', {
    DATABASE_URL: databaseUrl,
    BELLWIRE_SECRET_KEY: 'a-key-for-one-benchmark',
    PORT: String(await freePort()),
    BELLWIRE_LOG_LEVEL: 'warn',
  })
  try {
    const target = (api.ready['webhookUrl'] ?? '').replace('localhost', '127.0.0.1')
    const baseline = echo.ready['url'] ?? ''
    const one = (url: string, time = seconds) => load({ url, connections, seconds: time, body: BODY })
    await one(baseline, 1)
    await one(target, 2)
    const results = []
    for (let round = 0; round < rounds; round += 1) {
      results.push({ echo: await one(baseline), accept: await one(target) })
    }
    const failed = results.reduce((sum, { accept }) => sum + accept.failed, 0)
    if (failed > 0) throw new Error(`${failed} triggers were not accepted`)
    return {
      accepts: median(results.map(({ accept }) => accept.perSecond)),
      echoes: median(results.map((result) => result.echo.perSecond)),
      ratio: median(results.map((result) => result.accept.perSecond / result.echo.perSecond)),
      p99Ms: median(results.map(({ accept }) => accept.p99Ms)),
    }
  } finally {
    await Promise.all([echo.stop(), api.stop()])
  }
}
