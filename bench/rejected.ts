import type { Compared, Effort, Side } from './compare.ts'
import { compare } from './compare.ts'
import { cpuOfProcess } from './cpu.ts'
import { sendLoad, type Load } from './load.ts'
import { startFront } from './program.ts'

const BODY = JSON.stringify({ event: 'order.created', id: 'ord_1024', amount: 4200, currency: 'EUR' })

/** What the webhook accepts and rejects beside it, each second. */
const ACCEPTED_PER_SECOND = 1_000
const REJECTED_PER_SECOND = 1_000

/**
 * Accepted requests per second, of {@link ACCEPTED_PER_SECOND} that are sent, while as many are rejected for their
 * method at another webhook, over the same without those.
 */
export async function benchRejected(databaseUrl: string, effort: Effort): Promise<Compared> {
  const front = await startFront(databaseUrl, { BELLWIRE_ADMIN_KEY: ADMIN_KEY })
  try {
    const rejecting = await makePostOnlyWebhook(front.url)
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

const ADMIN_KEY = 'bw_admin_of_one_benchmark'

/** A webhook that rejects every GET, of an agent of its own. */
async function makePostOnlyWebhook(url: string): Promise<string> {
  const post = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_KEY}` },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
    return JSON.parse(await response.text())
  }
  const agent = await post('/api/agents', { name: 'Rejecting', instructions: '', model: 'demo/assistant' })
  const webhook = await post(`/api/agents/${agent['id']}/webhooks`, { methods: ['POST'] })
  return `${webhook['url']}?order=7`.replace(/^http:\/\/[^/]+/, url)
}
