import autocannon from 'autocannon'

// The load generator, in a process of its own: `node bench/load.ts '{"url": ..., "connections": ...}'`.
const options: autocannon.Options = JSON.parse(process.argv[2] ?? '{}')
const { requests, latency, errors, timeouts, statusCodeStats, duration } = await autocannon(options)
const ok = statusCodeStats?.['200']?.count ?? 0
process.stdout.write(
  JSON.stringify({
    ok,
    perSecond: ok / duration,
    p99Ms: latency.p99,
    failed: requests.total - ok + errors + timeouts,
  }),
)
