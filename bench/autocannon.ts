import { randomUUID } from 'node:crypto'
import autocannon from 'autocannon'
import type { LoadOptions } from './load.ts'

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
