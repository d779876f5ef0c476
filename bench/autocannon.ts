import { randomUUID } from 'node:crypto'
import autocannon from 'autocannon'
import type { LoadOptions } from './load.ts'
import { readRequests } from './requestFile.ts'

// A load generator in a process of its own: `node bench/autocannon.ts '{"url": ..., "connections": ...}'`.
const given: LoadOptions = JSON.parse(process.argv[2] ?? '{}')
const headers = given.body === undefined ? {} : { 'content-type': 'application/json' }
const { requests, latency, errors, timeouts, statusCodeStats, duration } = await autocannon({
  url: given.url,
  connections: given.connections,
  method: given.method ?? 'POST',
  headers,
  ...(given.body === undefined ? {} : { body: given.body }),
  ...(given.requests === undefined ? { duration: given.seconds ?? 1 } : { amount: given.requests }),
  ...(given.perSecond === undefined ? {} : { overallRate: given.perSecond }),
  ...(given.requestFile === undefined ? {} : { requests: [{ setupRequest: inTurns(given.requestFile) }] }),
  ...(given.newKeys
    ? {
        requests: [
          {
            setupRequest: (request: autocannon.Request) => ({
              ...request,
              headers: { ...headers, 'idempotency-key': randomUUID() },
            }),
          },
        ],
      }
    : {}),
})
const ok = statusCodeStats?.['200']?.count ?? 0
process.stdout.write(
  JSON.stringify({
    ok,
    perSecond: ok / duration,
    p99Ms: latency.p99,
    failed: requests.total - ok + errors + timeouts,
  }),
)

/** Creates the function that fills in the next request of a file. */
function inTurns(path: string): (request: autocannon.Request) => autocannon.Request {
  const requests = readRequests(path)
  let count = 0
  return (request) => {
    const next = requests[count % requests.length]
    count += 1
    const own = Object.entries(next?.headers ?? {}).map(([name, value]) => [
      name,
      value.replaceAll('#', String(count)),
    ])
    return {
      ...request,
      headers: { 'content-type': 'application/json', ...Object.fromEntries(own) },
      body: next?.body ?? '',
    }
  }
}
