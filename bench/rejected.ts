import type { Compared, Effort, Side } from './compare.ts'
import { compare } from './compare.ts'
import { cpuOfProcess } from './cpu.ts'
import { BENCH_ADMIN_KEY, createBenchWebhook } from './webhook.ts'
import { sendLoad, type Load } from './load.ts'
import { startFront } from './program.ts'

const BODY = JSON.stringify({ event: 'order.created', id: 'ord_1024', amount: 4200, currency: 'EUR' })

/** Requests per second that the webhook accepts, and that another one rejects at the same time. */
const ACCEPTED_PER_SECOND = 1_000
const REJECTED_PER_SECOND = 1_000

/**
 * Accepted requests per second, of {@link ACCEPTED_PER_SECOND} sent, while as many are rejected for their method at
 * another webhook, divided by those without rejections.
 */
export async function benchRejected(databaseUrl: string, effort: Effort): Promise<Compared> {
  const front = await startFront(databaseUrl, { BELLWIRE_ADMIN_KEY: BENCH_ADMIN_KEY })
  try {
    const rejecting = `${await createBenchWebhook(front.url, { methods: ['POST'] })}?order=7`
    const accept = (seconds: number): Promise<Load> =>
      sendLoad({
        url: front.webhookUrl,
        seconds,
        body: BODY,
        connections: 32,
        perSecond: ACCEPTED_PER_SECOND,
      })
    const reject = (seconds: number): Promise<Load> =>
      sendLoad({
        url: rejecting,
        seconds,
        method: 'GET',
        connections: 32,
        perSecond: REJECTED_PER_SECOND,
      })
    const cpu: NonNullable<Side['cpu']> = { front: () => cpuOfProcess(front.pid) }
    const beside: Side = {
      cpu,
      async send(seconds) {
        const [accepted, rejected] = await Promise.all([accept(seconds), reject(seconds)])
        if (rejected.ok > 0) throw new Error('the other webhook accepted something')
        return accepted
      },
    }
    return await compare(beside, { send: accept, cpu }, effort)
  } finally {
    await front.stop()
  }
}
