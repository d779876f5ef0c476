/** The admin key of a front door that creates webhooks for a benchmark. */
export const BENCH_ADMIN_KEY = 'bw_admin_of_one_benchmark'

/** Creates a webhook of a new agent; returns its URL. */
export async function createBenchWebhook(url: string, settings: object): Promise<string> {
  const post = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${BENCH_ADMIN_KEY}` },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
    return JSON.parse(await response.text())
  }
  const agent = await post('/api/agents', { name: 'Bench', instructions: '', model: 'demo/assistant' })
  const webhook = await post(`/api/agents/${agent['id']}/webhooks`, settings)
  return `${webhook['url']}`.replace(/^http:\/\/[^/]+/, url)
}
