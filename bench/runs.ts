import { waitFor } from '../test/harness/waitFor.ts'
import { query } from './database.ts'
import { load, median } from './processes.ts'
import { startBenchWorker, startEcho, startFront } from './program.ts'

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

/**
 * Milliseconds from the trigger to its result on an idle system, and for the round trip of a bare echo in turn
 * with it: the medians of 500.
 */
export async function benchLatency(databaseUrl: string): Promise<{ own: number; echo: number }> {
  const echo = await startEcho()
  const front = await startFront(databaseUrl)
  const worker = await startBenchWorker(databaseUrl)
  const post = async (url: string): Promise<{ text: string; ms: number }> => {
    const started = performance.now()
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=30' },
      body: '{"question":"x"}',
    })
    const text = await response.text()
    return { text, ms: performance.now() - started }
  }
  try {
    const times: { own: number; echo: number }[] = []
    for (let index = 0; index < 700; index += 1) {
      const baseline = await post(echo.url)
      const { text, ms } = await post(front.webhookUrl)
      const answer: { status: string } = JSON.parse(text)
      if (answer.status !== 'SUCCESS') throw new Error('a run did not succeed')
      if (index >= 200) times.push({ own: ms, echo: baseline.ms })
    }
    return { own: median(times.map(({ own }) => own)), echo: median(times.map((time) => time.echo)) }
  } finally {
    await Promise.all([echo.stop(), front.stop(), worker.stop()])
  }
}
