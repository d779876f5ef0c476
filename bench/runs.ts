import { waitFor } from '../test/harness/waitFor.ts'
import { query } from './database.ts'
import { load, median } from './processes.ts'
import { startBenchWorker, startFront } from './program.ts'

/**
 * Runs per second of one worker process on a model that answers at once, out of a full queue. With `twoSteps` the
 * model asks for the built-in clock first: two model calls and a tool call in each run, three rows of the journal.
 */
export async function benchRuns(databaseUrl: string, { twoSteps = false } = {}): Promise<number> {
  const front = await startFront(databaseUrl)
  if (twoSteps) {
    await query(
      databaseUrl,
      `update bellwire.agent_revisions set config = (config::jsonb || '{"tools":[{"type":"builtin","name":"current_time"}]}')::json`,
    )
  }
  await load({ url: front.webhookUrl, connections: 64, seconds: 4, body: '{"question":"x"}' })
  const worker = await startBenchWorker(databaseUrl, { BELLWIRE_WORKER_CONCURRENCY: '50' })
  try {
    await waitFor(
      async () => {
        const rows = await query<{ open: string }>(
          databaseUrl,
          `select count(*) as open from bellwire.tasks where state in ('PENDING', 'STARTED')`,
        )
        return rows[0]?.open === '0'
      },
      { deadlineMs: 300_000, everyMs: 250, what: 'the end of all runs' },
    )
    const [row] = await query<{ runs: string; seconds: number }>(
      databaseUrl,
      `select count(*) as runs, extract(epoch from max(finished_at) - min(started_at))::float8 as seconds
        from bellwire.tasks where state = 'SUCCESS'`,
    )
    return Number(row?.runs) / Number(row?.seconds)
  } finally {
    await Promise.all([front.stop(), worker.stop()])
  }
}

/** Milliseconds from the trigger to its result on an idle system, the median of 300. */
export async function benchLatency(databaseUrl: string): Promise<number> {
  const front = await startFront(databaseUrl)
  const worker = await startBenchWorker(databaseUrl)
  try {
    const times: number[] = []
    for (let index = 0; index < 350; index += 1) {
      const started = performance.now()
      const response = await fetch(front.webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer: 'wait=30' },
        body: '{"question":"x"}',
      })
      const answer: { status: string } = JSON.parse(await response.text())
      if (answer.status !== 'SUCCESS') throw new Error('a run did not succeed')
      if (index >= 50) times.push(performance.now() - started)
    }
    return median(times)
  } finally {
    await Promise.all([front.stop(), worker.stop()])
  }
}
